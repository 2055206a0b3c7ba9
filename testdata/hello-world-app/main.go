// Command hello-world-app is the smallest service worth deploying: it says which commit it is. It is a web
// server, and on Lambda it answers events.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	port, commit := os.Getenv("PORT"), os.Getenv("COMMIT")
	if port == "" {
		port = "8080"
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "Hello from %s", commit) })
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		return serveLambda(ctx, mux)
	}
	listener, err := net.Listen("tcp", os.Getenv("HOST")+":"+port) // HOST is empty in a container, where every address is its own
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}

	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// Amazon ECS sends SIGTERM and kills after the task's stop timeout; two seconds fit the
		// shortest one.
		limit, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		stopped <- server.Shutdown(limit)
	}()
	log.Printf("hello-world-app %s listens on %s", commit, listener.Addr())
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return <-stopped
}
