package engine

import (
	"fmt"
	"strconv"

	"github.com/weirflow/weir/shared/filter"
)

// byTime sorts by a field with times: the value that documents are sorted by is in ns since the Unix epoch.
func byTime(field, order string) map[string]sortOrder {
	return map[string]sortOrder{field: {Order: order, NumericType: "date_nanos"}}
}

// bound returns the least (asc) or greatest (desc) @timestamp of what is selected.
func (r *reading) bound(q filter.ElasticQuery, order string) (ns int64, some bool, err error) {
	res, err := r.search(&request{Size: 1, Query: q, Sort: []map[string]sortOrder{byTime(timeField, order)}})
	if err != nil || len(res.Hits.Hits) == 0 {
		return 0, false, err
	}
	ns, err = res.Hits.Hits[0].time()
	return ns, true, err
}

// count returns how many documents are selected.
func (r *reading) count(q filter.ElasticQuery) (uint64, error) {
	res, err := r.search(&request{Query: q, TrackTotalHits: true})
	if err != nil {
		return 0, err
	}
	return res.Hits.Total.Value, nil
}

// time reads the first value by which the document was sorted, see [byTime].
func (h *hit) time() (int64, error) {
	if len(h.Sort) == 0 {
		return 0, fmt.Errorf("read the server's answer: document %s has no time", h.ID)
	}
	ns, err := strconv.ParseInt(string(h.Sort[0]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the server's answer: %w", err)
	}
	return ns, nil
}

// documents says which documents are read, in which order (and by event.id), and how many are needed.
type documents struct {
	filter.ElasticQuery
	by     []map[string]sortOrder
	needed int // 0: all
	skip   int // so many of the first are not used, but for their order
}

// inTime are the documents that are selected, in the order of a field with times.
func inTime(q filter.ElasticQuery, field string) documents {
	return documents{ElasticQuery: q, by: []map[string]sortOrder{byTime(field, "asc")}}
}

// spare is how many more documents are asked for than are needed: those that the server orders otherwise, or that do not count, are among them.
const spare = 50

// each gives the documents to take, page by page, until take says that it has enough.
func (r *reading) each(d documents, take func(page []hit) (more bool, err error)) error {
	req := &request{Size: r.e.cfg.PageSize, Source: true, Query: d.ElasticQuery, Sort: append(d.by, map[string]sortOrder{idField: {Order: "asc"}})}
	if d.needed > 0 {
		req.Size = min(req.Size, d.needed+spare)
	}
	for seen := 0; ; seen += req.Size {
		// A page before what is used may end amid documents that are still put in order.
		req.Source = seen+2*req.Size > d.skip
		res, err := r.search(req)
		if err != nil {
			return err
		}
		page := res.Hits.Hits
		if len(page) == 0 {
			return nil
		}
		more, err := take(page)
		if err != nil || !more || len(page) < req.Size {
			return err
		}
		req.SearchAfter = req.SearchAfter[:0]
		for _, v := range page[len(page)-1].Sort {
			req.SearchAfter = append(req.SearchAfter, v)
		}
	}
}
