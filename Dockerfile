# Builds and runs calltriage in a container.
#
#   docker build -t calltriage .
#   docker run -v calltriage:/var/lib/calltriage -v ./calltriage.toml:/etc/calltriage.toml:ro -p 8080:8080 \
#     calltriage run --config /etc/calltriage.toml
#
# In that file write `[http] listen = "0.0.0.0:8080"`: the built-in default answers inside the container only.
# The image has no shell. Its root may be read-only (`--read-only --tmpfs /tmp`); packaging/compose.yaml does that.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The caches only make the next build faster; the root is laid out beside them because they are not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin calltriage \
    && packaging/image-root target/release/calltriage /out

# Nothing but that root: a base image would bring more than it is worth.
FROM scratch
COPY --from=build /out /

# The store is $XDG_STATE_HOME/calltriage where the configuration does not say otherwise: the only place that is written.
ENV XDG_STATE_HOME=/var/lib
VOLUME /var/lib/calltriage
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080
# It asks [http] listen of the built-in configuration, port 8080; with another port say here where yours is:
#   HEALTHCHECK CMD ["/usr/local/bin/calltriage", "health", "--config", "/etc/calltriage.toml"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/local/bin/calltriage", "health"]
ENTRYPOINT ["/usr/local/bin/calltriage"]
CMD ["run"]
