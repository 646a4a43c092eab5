// Command weir-splunk-pack makes the packages that Splunk installs: weir-VERSION.tgz for search heads, TA-weir-VERSION.tgz for forwarders on amd64,
// TA-weir-VERSION-arm64.tgz for those on arm64.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/weirflow/weir/splunk-app/internal/pack"
)

func main() {
	var s pack.Sources
	flag.StringVar(&s.Trees, "trees", "splunk-app/app", "folder of the source trees")
	flag.StringVar(&s.License, "license", "LICENSE", "file with the license")
	flag.StringVar(&s.AMD64, "amd64", "", "executable of the input for Linux on amd64; none: no package for it")
	flag.StringVar(&s.ARM64, "arm64", "", "the same on arm64")
	folder := flag.String("o", "dist/splunk", "folder that the packages are written to")
	flag.Parse()
	packages, err := s.Build()
	if err == nil {
		err = pack.Write(*folder, packages)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "weir-splunk-pack:", err)
		os.Exit(1)
	}
}
