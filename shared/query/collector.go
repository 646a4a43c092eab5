package query

import (
	"context"
	"time"
)

// CollectorReader returns how the collector itself does.
type CollectorReader interface {
	Collector(ctx context.Context) (Collector, error)
}

// Collector is how a running collector does. Counters are of this run.
type Collector struct {
	Started         time.Time `json:"started"`
	Sockets         []Socket  `json:"sockets"`
	DroppedBatches  uint64    `json:"dropped_batches"`   // before the detector, the queue being full
	DroppedForSinks uint64    `json:"dropped_for_sinks"` // before the store
	CommitErrors    uint64    `json:"commit_errors"`
	MissingFiles    int       `json:"missing_files"` // of the store: not there or not whole
	Disk            *Disk     `json:"disk"`          // of the data folder; null where the system does not tell
}

// Socket is the account of a socket.
type Socket struct {
	Address       string `json:"address"`
	ReceiveBuffer int    `json:"receive_buffer"` // bytes, as the kernel granted; 0 unknown
	Datagrams     uint64 `json:"datagrams"`
	KernelDrops   uint64 `json:"kernel_drops"`
	Truncated     uint64 `json:"truncated"`
	Refused       uint64 `json:"refused"` // of exporters that are not allowed
}

// Disk is the room of a file system, in bytes.
type Disk struct {
	Free  uint64 `json:"free"` // for the collector's user
	Total uint64 `json:"total"`
}
