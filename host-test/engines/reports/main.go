// Reads reports as their consumers do: SARIF by its JSON Schema, JUnit's XML by a library for it.
//
//	reports sarif SCHEMA FILE    prints a line for each result: rule, level, file, line, number of fixes
//	reports junit FILE           prints a line for each test: suite, name, status
//	reports json SCHEMA FILE     says only whether it is valid
package main

import (
	"fmt"
	"os"

	"github.com/joshdk/go-junit"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(format, schema, file string) error {
	if format == "junit" {
		suites, err := junit.IngestFile(file)
		for _, suite := range suites {
			for _, test := range suite.Tests {
				fmt.Println(suite.Name, test.Name, test.Status)
			}
		}
		return err
	}
	// The file itself: the library's own check is of what it has made of it.
	loader := gojsonschema.NewReferenceLoader
	valid, err := gojsonschema.Validate(loader("file://"+schema), loader("file://"+file))
	if err != nil {
		return err
	}
	if !valid.Valid() {
		return fmt.Errorf("not valid: %v", valid.Errors())
	}
	if format == "json" {
		return nil
	}
	report, err := sarif.Open(file)
	if err != nil {
		return err
	}
	for _, run := range report.Runs {
		for _, result := range run.Results {
			place := result.Locations[0].PhysicalLocation
			fmt.Println(*result.RuleID, result.Level, *place.ArtifactLocation.URI, *place.Region.StartLine, len(result.Fixes))
		}
	}
	return nil
}
