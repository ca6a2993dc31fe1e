# One static file in an image that holds nothing else to attack.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=0.1.0
ARG COMMIT=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT}" -o /out/logreeve . \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /out/logreeve /logreeve
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
ENV LOGREEVE_DATA_DIR=/data LOGREEVE_LISTEN=:8080
EXPOSE 8080
# Asks the server's own /healthz; there is no shell here to do it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/logreeve", "healthz"]
ENTRYPOINT ["/logreeve"]
CMD ["serve"]
