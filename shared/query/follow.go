package query

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/weirflow/weir/shared/flow"
)

// AlertEvent is a change of an alert as the collector's stream tells it.
type AlertEvent struct {
	ID    string      // of the event, to go on after it: see [Client.FollowAlerts]
	Gap   bool        // changes before are not kept any more: ask for the alerts themselves. There is no alert then
	Alert *flow.Alert // nil with Gap
}

// errCut marks a stream that the collector has ended.
var errCut = errors.New("the collector ended the stream of alerts")

// FollowAlerts tells of changes of alerts as they come, those after the event of the id last first, as far as they are kept ("": from now
// on). It returns when the context ends, each returns an error, or the connection ends; who calls decides whether to try again.
func (c *Client) FollowAlerts(ctx context.Context, last string, each func(AlertEvent) error) error {
	req, err := c.request(ctx, PathAlertStream, nil)
	if err != nil {
		return fmt.Errorf("follow alerts: %w", err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	return c.send(req, func(body io.Reader) error { return readEvents(body, each) })
}

// readEvents reads server-sent events as far as the collector uses them: id, event and one line of data.
func readEvents(body io.Reader, each func(AlertEvent) error) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 1<<14), maxLine)
	var id, kind, text string
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			text = value
		case "": // an empty line ends an event, a line that begins with a colon is a comment
			if lines.Text() != "" || text == "" {
				continue
			}
			if err := tellEvent(id, kind, text, each); err != nil {
				return err
			}
			kind, text = "", ""
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return errCut
}

func tellEvent(id, kind, text string, each func(AlertEvent) error) error {
	switch kind {
	case "gap":
		return each(AlertEvent{ID: id, Gap: true})
	case "alert":
		var a flow.Alert
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			return fmt.Errorf("event %s: %w", id, err)
		}
		return each(AlertEvent{ID: id, Alert: &a})
	}
	return nil // of a later version
}
