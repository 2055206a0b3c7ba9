package main

import (
	"os"
	"testing"
)

// Nobody is asked in a script, whose input is the null device or a pipe.
func TestIsTerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	if isTerminal(null) || isTerminal(reader) {
		t.Errorf("the null device is a terminal: %v, a pipe: %v", isTerminal(null), isTerminal(reader))
	}
}
