# Builds and runs calltriage in a container.
#
#   docker build -t calltriage .
#   docker run -v calltriage:/var/lib/calltriage -v ./calltriage.toml:/etc/calltriage.toml:ro -p 8080:8080 \
#     calltriage run --config /etc/calltriage.toml
#
# In that file write `[http] listen = "0.0.0.0:8080"`: the built-in default answers inside the container only.
# There is no HEALTHCHECK: whoever runs the container asks /health/live and /health/ready.

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
# The caches only make the next build faster; the program is copied out because they are not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --bin calltriage \
    && install -D target/release/calltriage /out/calltriage

# The same Debian as the builder's, so that the C library fits.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin calltriage \
    && install -d -o calltriage -g calltriage -m 0700 /var/lib/calltriage
COPY --from=build /out/calltriage /usr/local/bin/calltriage
COPY LICENSE LICENSE-MIT LICENSE-APACHE /usr/share/doc/calltriage/

# The store is $XDG_STATE_HOME/calltriage where the configuration does not say otherwise.
ENV XDG_STATE_HOME=/var/lib
VOLUME /var/lib/calltriage
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["calltriage"]
CMD ["run"]
