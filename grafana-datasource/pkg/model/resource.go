package model

// FieldInfo is a field of the filter language, as the resource fields tells it.
type FieldInfo struct {
	Name  string `json:"name"`
	Title string `json:"title"` // as columns are headed
	// Type is unsigned, integer, float, ip, mac, keyword, time or object (of which only the presence can be asked for).
	Type    string   `json:"type"`
	Unit    string   `json:"unit,omitempty"`
	Doc     string   `json:"doc"`
	Example string   `json:"example,omitempty"`
	Values  []string `json:"values,omitempty"` // all that there are, where they are few
	List    bool     `json:"list,omitempty"`   // may hold several values
	// Record and Session say whether records and sessions have the field.
	Record  bool `json:"record"`
	Session bool `json:"session"`
	// Operators are those of [AdhocFilter] that the field takes.
	Operators []string `json:"operators"`
}

// TimeSpan is a time range as requests have it: RFC 3339, or milliseconds since 1970 as text. Without it the last 24 hours are meant.
type TimeSpan struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// VariableQuery asks for the values of a template variable: POST variable, answered with a list of [VariableValue]. It is the query of a
// variable as dashboards store it.
type VariableQuery struct {
	// Kind is values (of a field; which "" is), fields, exporters, interfaces or detectors.
	Kind string `json:"kind,omitempty"`
	// Field is the field whose values are wanted; those of sessions where sessions is set.
	Field    string   `json:"field,omitempty"`
	Filter   string   `json:"filter,omitempty"`
	Prefix   string   `json:"prefix,omitempty"`
	Exporter string   `json:"exporter,omitempty"` // whose interfaces are wanted
	Sessions bool     `json:"sessions,omitempty"`
	Limit    int      `json:"limit,omitempty"`
	Range    TimeSpan `json:"range,omitzero"`
}

// VariableValue is a value of a template variable.
type VariableValue struct {
	Text  string `json:"text"`
	Value string `json:"value"`
}

// CompleteRequest asks how a filter that is being written may go on at the cursor: POST complete.
type CompleteRequest struct {
	Text string `json:"text"`
	// Cursor is how many characters (UTF-16 units, as browsers count) stand before it.
	Cursor   int      `json:"cursor"`
	Sessions bool     `json:"sessions,omitempty"`
	Range    TimeSpan `json:"range,omitzero"`
}

// CompleteAnswer is what may stand at the cursor instead of the characters from From until To.
type CompleteAnswer struct {
	From    int          `json:"from"`
	To      int          `json:"to"`
	Kind    string       `json:"kind"` // field, operator, value or keyword
	Field   string       `json:"field,omitempty"`
	Options []Completion `json:"options"`
}

// Completion is one way to go on.
type Completion struct {
	Label  string `json:"label"`
	Insert string `json:"insert"`           // in the filter language, quoted where need be
	Detail string `json:"detail,omitempty"` // a type, or how often a value occurs
	Doc    string `json:"doc,omitempty"`
}

// ParseRequest asks whether a filter is right: POST parse.
type ParseRequest struct {
	Filter   string `json:"filter"`
	Sessions bool   `json:"sessions,omitempty"`
}

// ParseAnswer is what a filter is.
type ParseAnswer struct {
	OK        bool          `json:"ok"`
	Canonical string        `json:"canonical"`
	Error     *ParseFailure `json:"error,omitempty"`
	// Conditions are what a builder shows of the filter, all of which must hold; null where it says more than a builder can. BuildRequest
	// makes a filter of them again that means the same.
	Conditions []AdhocFilter `json:"conditions"`
}

// ParseFailure says where a filter is wrong.
type ParseFailure struct {
	Column     int    `json:"column"` // of the first character in question, from 1
	Text       string `json:"text"`
	Suggestion string `json:"suggestion,omitempty"`
}

// BuildRequest asks for the filter of a builder's conditions: POST build. The answer is a ParseAnswer.
type BuildRequest struct {
	Conditions []AdhocFilter `json:"conditions"`
	Sessions   bool          `json:"sessions,omitempty"`
}

// TranslateRequest asks for a filter in another tool's language: POST translate.
type TranslateRequest struct {
	Filter   string `json:"filter"`
	To       string `json:"to"` // kql, elastic or spl
	Sessions bool   `json:"sessions,omitempty"`
}

// TranslateAnswer is a filter in another tool's language.
type TranslateAnswer struct {
	Text string `json:"text"`
}

// PivotRequest asks for links into other tools of an address, a port, an AS or an alert's id: POST pivots. GET pivots lists the templates.
type PivotRequest struct {
	Subject string   `json:"subject"`
	Range   TimeSpan `json:"range,omitzero"`
}

// Failure is the answer to a request that is wrong, with the status 400, or cannot be answered.
type Failure struct {
	Message string `json:"message"`
}
