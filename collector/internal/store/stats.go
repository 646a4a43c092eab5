package store

// Stats counts what a store has taken, given and holds. Rows and bytes are of what is committed.
type Stats struct {
	Commits        uint64 // transactions with records or alerts
	CommitErrors   uint64 // transactions that failed; their records count as dropped(store)
	CommitNanos    uint64 // time spent in commits
	Reopened       uint64 // times that the database was opened again, after a write ran out of memory
	Appended       uint64 // records appended
	AlreadyStored  uint64 // records that were there before
	AskedBlocks    uint64 // blocks of records (package seen) for which the stored records had to be searched
	Sessions       uint64 // tellings of sessions appended
	SessionsLost   uint64 // tellings lost with a transaction that failed
	SessionsStored uint64 // sessions that were there before, not appended again
	HotFiles       int
	HotRows        int64  // records
	HotSumBytes    int64  // sums of blocks of hot rows that questions keep
	HotSumsRefused uint64 // such sums that would take too much
	SealedFiles    int
	SealedRows     int64 // records
	SealedSessions int64 // tellings of sessions
	SessionRows    int64 // tellings of sessions, in hot files and sealed files
	SealedBytes    int64
	Seals          uint64
	SealErrors     uint64
	SealNanos      uint64
	Expired        uint64 // sealed files deleted by retention
	ExpiredForRoom uint64 // of these, those that went for retention by size
	ExpiredBytes   uint64 // of files deleted by retention, and of what was made of them
	HostFiles      int    // sealed files with a host index
	HostBytes      int64  // size of the host indexes
	HostsMade      uint64 // host indexes made
	HostsFailed    uint64 // host indexes that could not be made
	HostsBroken    uint64 // host indexes that could not be used
	Missing        int    // hot files and files of the manifest that are not there or not whole: left out of answers
	LostRows       int64  // records and tellings of sessions that were committed to hot files and cannot be read
	Questions      uint64
	RollupFiles    int // of sealed files
	RollupDays     int // files of days
	RollupRows     int64
	RollupBytes    int64
	RollupFolded   int    // files that have not kept all addresses
	RollupUnsummed int    // files without sums of hosts: see Config.HostSums
	RollupsMade    uint64 // by this process
	RollupErrors   uint64 // rollups that could not be made or read
	RollupNanos    uint64 // spent making them
	RollupAnswers  uint64 // questions answered with rollups
	Approximate    uint64 // of these, those that were approximate
	DatabaseBytes  int64  // size of the database file and its log, and of the hot files
}
