# make demo    generated data through the whole pipeline: bars, features, models, verdict
# make test    build, import check, unit and SQL tests, demo, oracle comparison where market data is there
# make build   the program alone, .build/release/zlsql
#
# Every target does its own set-up (Scripts/setup). Market data is looked for in ../shared/data or ZLSQL_MARKET_DATA.

# One static executable: no library to load or relocate at the start. lld, since it links what gold only warns about.
SWIFT_RELEASE = -c release --static-swift-stdlib -Xswiftc -static-executable -Xswiftc -Xclang-linker -Xswiftc -fuse-ld=lld
PROGRAM       = .build/release/zlsql

.PHONY: build demo test test-slow bench bench-full bench-instructions setup clean

build: setup
	swift build $(SWIFT_RELEASE) --product zlsql

setup:
	@Scripts/setup

demo: build
	@Scripts/demo demo

test: build
	@Scripts/check-imports
	swift test
	@Tests/Oracle/run demo
	@Tests/Oracle/run features

# The models beside LightGBM's, both ways of stopping early.
test-slow: build
	@Tests/Oracle/run models

# Queries and files beside DuckDB and Polars, boosting beside LightGBM, and the pipeline beside the same job in Python; interleaved.
bench: build
	@Scripts/setup --oracle
	.venv/bin/python Benchmarks/bench.py --rows 1000000 --pandas
	.venv/bin/python Benchmarks/precision.py
	.venv/bin/python Benchmarks/compare_files.py --rows 1000000
	.venv/bin/python Benchmarks/compare_boosting.py
	.venv/bin/python Benchmarks/tpch.py --check
	.venv/bin/python Benchmarks/tpch.py --scale 0.1
	.venv/bin/python Benchmarks/db_benchmark.py --rows 1000000
	.venv/bin/python Benchmarks/small.py
	.venv/bin/python Benchmarks/memory.py --rows 1000000
	.venv/bin/python Benchmarks/compare_pipeline.py

bench-full: build
	@Scripts/setup --oracle
	.venv/bin/python Benchmarks/bench.py --rows 1000000,10000000,50000000 --rounds 3
	.venv/bin/python Benchmarks/precision.py
	.venv/bin/python Benchmarks/compare_files.py
	.venv/bin/python Benchmarks/compare_boosting.py --full
	.venv/bin/python Benchmarks/tpch.py --check
	.venv/bin/python Benchmarks/tpch.py --scale 1
	.venv/bin/python Benchmarks/db_benchmark.py --rows 10000000
	.venv/bin/python Benchmarks/small.py
	.venv/bin/python Benchmarks/memory.py --rows 10000000
	.venv/bin/python Benchmarks/compare_pipeline.py

# Instructions of queries over small data beside the figures checked in; fails on a rise over 5 %.
bench-instructions: build
	@Scripts/setup --valgrind
	python3 Benchmarks/instructions.py

clean:
	rm -rf .build demo
