package cli

import "github.com/spf13/cobra"

func newDemo(std Streams) *cobra.Command { return &cobra.Command{Use: "demo"} }
