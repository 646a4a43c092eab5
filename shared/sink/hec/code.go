package hec

import (
	"fmt"
	"net/http"
)

// class says what an answer means for what was posted.
type class uint8

const (
	taken    class = iota
	near           // taken, but the server asks for less
	again          // not taken for now: the server is busy, full, starting or ending
	settings       // not taken until somebody mends the token, its indexes or the server's settings; it waits, as much is lost otherwise
	channel        // not taken on this channel
	unacked        // the token has no acknowledgements
	refused        // never taken
	tooLarge       // not taken in one request
	healthy        // an answer of the health endpoint alone
)

// code is a documented answer.
type code struct {
	class  class
	status int    // of HTTP
	text   string // what Splunk says
	reason string // of the counters
}

// Codes of answers.
const (
	codeSuccess          = 0
	codeIncorrectIdx     = 7
	codeAckDisabled      = 14
	codeHealthy          = 17
	unknown              = -1 // an answer without a code
	numberOfCodes    int = 28
)

// codes are the documented codes, by number.
var codes = [numberOfCodes]code{
	0:  {taken, 200, "Success", "success"},
	1:  {settings, 403, "Token disabled", "token_disabled"},
	2:  {settings, 401, "Token is required", "token_required"},
	3:  {settings, 401, "Invalid authorization", "invalid_authorization"},
	4:  {settings, 403, "Invalid token", "invalid_token"},
	5:  {refused, 400, "No data", "no_data"},
	6:  {refused, 400, "Invalid data format", "invalid_data_format"},
	7:  {settings, 400, "Incorrect index", "incorrect_index"},
	8:  {again, 500, "Internal server error", "internal_server_error"},
	9:  {again, 503, "Server is busy", "server_busy"},
	10: {channel, 400, "Data channel is missing", "channel_missing"},
	11: {channel, 400, "Invalid data channel", "invalid_channel"},
	12: {refused, 400, "Event field is required", "event_required"},
	13: {refused, 400, "Event field cannot be blank", "event_blank"},
	14: {unacked, 400, "ACK is disabled", "ack_disabled"},
	15: {refused, 400, "Error in handling indexed fields", "indexed_fields"},
	16: {settings, 400, "Query string authorization is not enabled", "query_string_authorization"},
	17: {healthy, 200, "HEC is healthy", "healthy"},
	18: {again, 503, "HEC is unhealthy, queues are full", "unhealthy_queues"},
	19: {again, 503, "HEC is unhealthy, ack service unavailable", "unhealthy_ack"},
	20: {again, 503, "HEC is unhealthy, queues are full, ack service unavailable", "unhealthy"},
	21: {settings, 400, "Invalid token", "health_invalid_token"},
	22: {settings, 400, "Token disabled", "health_token_disabled"},
	23: {again, 503, "Server is shutting down", "shutting_down"},
	24: {near, 200, "HEC is approaching queue capacity", "queue_near_capacity"},
	25: {near, 200, "HEC is approaching ack capacity", "ack_near_capacity"},
	26: {again, 429, "HEC queue is at capacity", "queue_at_capacity"},
	27: {again, 429, "HEC ack channel is at capacity", "ack_at_capacity"},
}

// classOf says what an answer means. Without a code it is not Splunk's, but that of something between, and the status decides.
func classOf(status, number int) class {
	if number >= 0 && number < numberOfCodes {
		return codes[number].class
	}
	switch {
	case status == http.StatusRequestEntityTooLarge:
		return tooLarge
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return refused
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusTooEarly, status >= http.StatusInternalServerError:
		return again
	}
	return settings // 2xx is not for a proxy to say; 3xx, 401, 403, 404, 407
}

// reasonOf names an answer in counters.
func reasonOf(status, number int) string {
	if number >= 0 && number < numberOfCodes {
		return codes[number].reason
	}
	return fmt.Sprintf("http_%d", status)
}
