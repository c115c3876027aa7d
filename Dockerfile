# transom-server as a static program, from scratch, with transom.wasm beside it.
#
#   docker build --tag ghcr.io/transom-dev/transom/server:0.1.0 .

FROM rust:1.95-alpine AS build
# What ring's C and assembly are compiled with. Alpine's own target is musl, and links statically.
RUN apk add --no-cache musl-dev
WORKDIR /transom
COPY . .
RUN rustup target add wasm32-unknown-unknown
RUN cargo x wasm raw
RUN cargo build --release --locked --package transom-server
RUN mkdir image && cp target/release/transom-server dist/transom.wasm image/

FROM scratch
COPY --from=build /transom/image/ /
# As the chart says it, too: no user of this number has any right.
USER 65532:65532
EXPOSE 8443
ENTRYPOINT ["/transom-server"]
CMD ["serve", "--tls-cert=/tls/tls.crt", "--tls-key=/tls/tls.key"]
