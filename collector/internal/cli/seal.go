package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
)

func newSeal(std command.Streams) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:     "seal",
		Short:   "Write the current hour's records of a stopped collector to Parquet",
		Long:    "Writes all records that are not sealed yet to Parquet files, for example before other tools read or a backup copies them. A running collector seals by itself, every hour.",
		Example: "  weir seal --data /var/lib/weir",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runSeal(cmd.Context(), data, std) },
	}
	cmd.Flags().StringVar(&data, "data", "weir-data", "data folder")
	return cmd
}

func runSeal(ctx context.Context, data string, std command.Streams) error {
	st, err := duckdb.Open(ctx, duckdb.Config{Dir: data}, duckdb.Deps{})
	if err != nil {
		return err
	}
	err = st.SealAll(ctx)
	s := st.Stats()
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	fmt.Fprintf(std.Out, "%d records in %d files, %d bytes\n", s.SealedRows, s.SealedFiles, s.SealedBytes)
	return nil
}
