# The base images are arguments, so that .ci/image can replace them where none can be pulled.
ARG BUILDER=golang:1.26
ARG BASE=busybox:1.37-musl

# The compiler runs on the machine's own platform and cross-compiles: arm64 needs no emulator.
FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
WORKDIR /src
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /pr-stack .

# Not scratch: the runner's Kubernetes mode starts the container with tail, and runs the action with sh
# and env.
FROM ${BASE}
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /pr-stack /pr-stack
# No USER: the workspace and the files that the runner shares with the action belong to root.
# Exec form: pr-stack must be process 1, so that the runner's SIGINT reaches it.
ENTRYPOINT ["/pr-stack"]
