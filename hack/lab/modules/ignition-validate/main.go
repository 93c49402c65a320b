// Reads an Ignition config of spec 3.3.0 and says what Ignition itself finds wrong with it, a line each; exits with 1
// if Ignition would not apply it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/coreos/ignition/v2/config/v3_3"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "standard input:", err)
		os.Exit(2)
	}
	_, report, err := v3_3.Parse(text)
	fmt.Print(report.String())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
