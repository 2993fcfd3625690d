package instrument

// Probes are all there are, in the order in which they are applied.
//
// There is none for a time.Ticker that is not stopped, nor for a context that
// is not cancelled, since neither holds anything by itself. The timer behind a
// channel is not even in the runtime's heap while nobody receives from it, and
// both are collected when dropped. A context that a parent refers to is
// dropped with the parent, as the children of testing.T.Context are when the
// test ends, one with a deadline at its deadline. What a ticker or a context
// can keep for good is a goroutine that waits for it, and goroutines are found
// anyway.
var Probes = []Probe{
	engineProbe,
	runProbe,
	subtestProbe,
	exitProbe,
	labelProbe,
	syscallProbe,
	forkProbe,
	fcntlProbe,
	closeProbe,
	pollProbe,
	childProbe,
	dialProbe,
	httpDialProbe,
	httpServeProbe,
	httptestProbe,
	creatorProbe,
	onceProbe,
	globalProbe,
	bodyProbe,
	bodyHTTP2Probe,
	rowsProbe,
	statementProbe,
	transactionProbe,
	connectionProbe,
	databaseProbe,
	processProbe,
}
