package main

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPack(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "some-datasource")
	if err := os.MkdirAll(filepath.Join(folder, "img"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plugin.json", "gpx_some_linux_amd64", "img/logo.svg"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first, second := filepath.Join(t.TempDir(), "a.zip"), filepath.Join(t.TempDir(), "b.zip")
	for _, archive := range []string{first, second} {
		if err := pack(folder, archive); err != nil {
			t.Fatal(err)
		}
	}
	z, err := zip.OpenReader(first)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	got := map[string]string{}
	for _, f := range z.File {
		got[f.Name] = f.Mode().String()
	}
	want := map[string]string{
		"some-datasource/plugin.json":          "-rw-r--r--",
		"some-datasource/gpx_some_linux_amd64": "-rwxr-xr-x",
		"some-datasource/img/logo.svg":         "-rw-r--r--",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	a, errA := os.ReadFile(first)
	b, errB := os.ReadFile(second)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		t.Error("the same files give different archives", errA, errB)
	}
}
