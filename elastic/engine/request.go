package engine

import (
	"encoding/json"

	"github.com/weirflow/weir/shared/filter"
)

// request is the body of a search.
type request struct {
	Size           int                    `json:"size"`
	TrackTotalHits bool                   `json:"track_total_hits"`
	Source         bool                   `json:"_source"`
	Query          filter.ElasticQuery    `json:"query"`
	Sort           []map[string]sortOrder `json:"sort,omitempty"`
	SearchAfter    []any                  `json:"search_after,omitempty"`
	Aggs           map[string]aggregation `json:"aggs,omitempty"`
	PIT            *pointInTime           `json:"pit,omitempty"`
}

type pointInTime struct {
	ID        string `json:"id"`
	KeepAlive string `json:"keep_alive"`
}

type sortOrder struct {
	Order       string `json:"order"`
	NumericType string `json:"numeric_type,omitempty"`
}

// aggregation is one way of summing up; one of its first members is set.
type aggregation struct {
	Composite     *composite             `json:"composite,omitempty"`
	Terms         *terms                 `json:"terms,omitempty"`
	Sum           *onField               `json:"sum,omitempty"`
	Max           *onField               `json:"max,omitempty"`
	TopHits       *topHits               `json:"top_hits,omitempty"`
	Cardinality   *cardinality           `json:"cardinality,omitempty"`
	DateHistogram *dateHistogram         `json:"date_histogram,omitempty"`
	Aggs          map[string]aggregation `json:"aggs,omitempty"`
}

// composite goes through all combinations of its sources' values, in their order.
type composite struct {
	Size    int                        `json:"size"`
	Sources []map[string]source        `json:"sources"`
	After   map[string]json.RawMessage `json:"after,omitempty"`
}

// source is a column of a composite aggregation.
type source struct {
	Terms         *sourceTerms   `json:"terms,omitempty"`
	DateHistogram *dateHistogram `json:"date_histogram,omitempty"`
}

type sourceTerms struct {
	Field         string `json:"field"`
	MissingBucket bool   `json:"missing_bucket,omitempty"`
}

type dateHistogram struct {
	Field            string `json:"field"`
	FixedInterval    string `json:"fixed_interval,omitempty"`
	CalendarInterval string `json:"calendar_interval,omitempty"`
	TimeZone         string `json:"time_zone,omitempty"`
}

// terms finds the groups of one field that have most; each shard tells its ShardSize best.
type terms struct {
	Field     string            `json:"field"`
	Size      int               `json:"size"`
	ShardSize int               `json:"shard_size"`
	Order     map[string]string `json:"order,omitempty"`
}

type onField struct {
	Field   string `json:"field"`
	Missing any    `json:"missing,omitempty"`
}

// topHits are documents of a group.
type topHits struct {
	Size int                    `json:"size"`
	Sort []map[string]sortOrder `json:"sort"`
}

type cardinality struct {
	Field     string `json:"field"`
	Precision int    `json:"precision_threshold"`
}

// response is the answer to a search.
type response struct {
	PIT      string `json:"pit_id"`
	TimedOut bool   `json:"timed_out"`
	Shards   struct {
		Total    int               `json:"total"`
		Failed   int               `json:"failed"`
		Failures []json.RawMessage `json:"failures"`
	} `json:"_shards"`
	Hits struct {
		Total struct {
			Value    uint64 `json:"value"`
			Relation string `json:"relation"`
		} `json:"total"`
		Hits []hit `json:"hits"`
	} `json:"hits"`
	Aggregations struct {
		bucket // sums of all
		Groups struct {
			After   map[string]json.RawMessage `json:"after_key"`
			Buckets []bucket                   `json:"buckets"`
		} `json:"groups"`
		Top struct {
			Error   int64       `json:"doc_count_error_upper_bound"`
			Buckets []topBucket `json:"buckets"`
		} `json:"top"`
	} `json:"aggregations"`
}

// bucket is what a group adds up to.
type bucket struct {
	Key   map[string]json.RawMessage `json:"key"`
	Count uint64                     `json:"doc_count"`
	sums
	Latest struct {
		Hits struct {
			Hits []hit `json:"hits"`
		} `json:"hits"`
	} `json:"latest"`
}

// topBucket is a group of one field.
type topBucket struct {
	Key   json.RawMessage `json:"key"`
	Text  string          `json:"key_as_string"`
	Count uint64          `json:"doc_count"`
	Error int64           `json:"doc_count_error_upper_bound"`
	sums
}

// sums are those that were asked for.
type sums struct {
	Records            sum `json:"records"`
	Bytes              sum `json:"bytes"`
	Packets            sum `json:"packets"`
	SourceBytes        sum `json:"source_bytes"`
	SourcePackets      sum `json:"source_packets"`
	DestinationBytes   sum `json:"destination_bytes"`
	DestinationPackets sum `json:"destination_packets"`
	Told               sum `json:"told"`
	Distinct           sum `json:"distinct"`
	Gaps               sum `json:"gaps"`
	Dropped            sum `json:"dropped"`
}

// sum is a number that the server added up as a double.
type sum struct {
	Value float64 `json:"value"`
}

// hit is a document that was found.
type hit struct {
	Index  string            `json:"_index"`
	ID     string            `json:"_id"`
	Source json.RawMessage   `json:"_source"`
	Sort   []json.RawMessage `json:"sort"`
}
