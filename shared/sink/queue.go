package sink

import (
	"context"

	"github.com/weirflow/weir/shared/sink/spool"
)

// Queue is where an output takes its entries from; a [spool.Spool] is one.
type Queue interface {
	// Next waits for entries not read yet and returns up to limit of them.
	Next(ctx context.Context, limit int) ([]spool.Entry, error)
	// Ack says that all up to a sequence number are delivered.
	Ack(sequence uint64)
	// Rewind lets what is not acknowledged be read again.
	Rewind()
}
