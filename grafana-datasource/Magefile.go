//go:build mage

// Package main builds the backend with Grafana's own tooling, for those who work with it: mage -v build:linux. The Makefile of the
// repository needs no mage.
package main

import (
	// The targets of Grafana's SDK.
	_ "github.com/grafana/grafana-plugin-sdk-go/build"
)
