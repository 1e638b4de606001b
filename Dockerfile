# The program, and beside it nothing but the C library: no shell, no package manager, no root.

# Debian 12 like the runtime below: the binary finds the C library that it was linked against.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
# The cache mounts keep the compiled dependencies from one build to the next. Cargo tells by its date
# whether a file has changed, and a checkout may be older than the cache: so our own sources are always new.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    find . -path ./target -prune -o -name '*.rs' -exec touch {} + \
    && cargo build --release --locked -p countersign \
    && install -D target/release/countersign /out/countersign \
    && mkdir /out/data

FROM gcr.io/distroless/cc-debian12:nonroot
LABEL org.opencontainers.image.title="countersign" \
      org.opencontainers.image.description="The inbox for signed webhooks" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"

COPY --from=build /out/countersign /usr/local/bin/countersign
# A new volume takes its owner from here, and there is no shell to change it later.
COPY --from=build --chown=65532:65532 /out/data /data
VOLUME /data

# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# From here the program's own default, sqlite://data/app.db, is in the volume too.
WORKDIR /
ENV BIND=0.0.0.0:8000 \
    DATABASE_URL=sqlite:///data/app.db
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["/usr/local/bin/countersign", "health"]
ENTRYPOINT ["/usr/local/bin/countersign"]
