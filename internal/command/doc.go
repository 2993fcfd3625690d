// Package command is the leakcheck command. Its test subcommand runs go test
// on a module as it stands, with an overlay that makes the standard library
// record what is opened and closed, and sums up what the tests report.
//
//   - The command line is sorted into the command's own flags, which all begin
//     with "leak.", and what go test gets, in its order.
//   - go env says which toolchain builds the module, and package instrument
//     derives the overlay from it, in the cache directory.
//   - go test runs with the streams, the process group and the environment of
//     the command; LEAKCHECK_TEST tells the tests what to check.
//   - Each test process appends its verdicts to a file of its own below
//     LEAKCHECK_DIR, one JSON object to a line. From them the summary and the
//     report file are written when go test has ended.
//
// Nothing is written outside the cache directory but the report file.
package command
