package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/collector/internal/store/duckdb"
	"github.com/weirflow/weir/packaging/command"
	"github.com/weirflow/weir/shared/query"
)

func newSeal(std command.Streams) *cobra.Command {
	var from source
	cmd := &cobra.Command{
		Use:   "seal",
		Short: "Write the current hour's records to Parquet",
		Long: `Writes all records and sessions that are not sealed yet to Parquet files, for example before other tools read or a backup copies them, and
says what is sealed then. A running collector does it beside its work, and what was committed before the call is in the files when the command
ends; with --url it wants a token of scope admin. By itself a collector seals every hour: each call makes files of its own, of which very many
small ones would make questions slow. An interrupted call leaves everything readable.`,
		Example: "  weir seal --data /var/lib/weir\n  weir seal --url https://weir.example.net:8474",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sealed, err := from.seal(cmd.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(std.Out, "%d records and %d rows of sessions in %d files, %d bytes\n", sealed.Records, sealed.Sessions, sealed.Files, sealed.Bytes)
			return nil
		},
	}
	from.add(cmd)
	return cmd
}

// seal asks the collector, or does it where none runs on the folder.
func (s *source) seal(ctx context.Context) (query.Sealed, error) {
	if c, err := s.collector(ctx); err != nil {
		return query.Sealed{}, err
	} else if c != nil {
		return c.Seal(ctx)
	}
	if err := s.checkFolder(); err != nil {
		return query.Sealed{}, err
	}
	st, err := duckdb.Open(ctx, duckdb.Config{Dir: s.data}, duckdb.Deps{})
	if err != nil {
		return query.Sealed{}, err
	}
	sealed, err := st.Seal(ctx)
	return sealed, errors.Join(err, st.Close())
}
