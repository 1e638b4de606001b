# The program, and beside it nothing but the C library: no shell, no package manager, no root.

# Both may be given with a digest, so that the same bits come out later, too; a release says with which it was built.
# Debian 12 like the runtime: the binary finds the C library that it was linked against.
ARG BUILD_IMAGE=rust:1.95-slim-bookworm
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

# For the processor of the machine that builds: emulated, or with another compiler, it would take an hour or not be the
# same. A release builds each on a machine of its kind.
FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY . .
# When the commit was made, in seconds since 1970 (git log -1 --format=%ct): what is compiled may say so.
ARG SOURCE_DATE_EPOCH=0
# The cache mounts keep the compiled dependencies from one build to the next. Cargo tells by its date
# whether a file has changed, and a checkout may be older than the cache: so our own sources are always new.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/build/target,sharing=locked \
    find . -path ./target -prune -o -name '*.rs' -exec touch {} + \
    && .ci/build-release \
    && install -D target/release/countersign /out/countersign \
    && mkdir /out/data

# Only the program: docker build --target binary --output .
FROM scratch AS binary
COPY --from=build /out/countersign /

# hadolint ignore=DL3006
FROM ${RUNTIME_IMAGE}
ARG VERSION=
ARG REVISION=
ARG SOURCE=
ARG RUNTIME_IMAGE
LABEL org.opencontainers.image.title="countersign" \
      org.opencontainers.image.description="The inbox for signed webhooks" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"

COPY --from=build /out/countersign /usr/local/bin/countersign
# A new volume takes its owner from here, and there is no shell to change it later.
COPY --from=build --chown=65532:65532 /out/data /data
VOLUME /data

# A number, so that Kubernetes can tell that it is not root.
USER 65532:65532
# From here the program's own default, sqlite://data/app.db, is in the volume. It is not set: beside DATABASE_URL_FILE,
# it would be refused.
WORKDIR /
ENV BIND=0.0.0.0:8000
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["/usr/local/bin/countersign", "health"]
ENTRYPOINT ["/usr/local/bin/countersign"]
