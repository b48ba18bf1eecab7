import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite struct CSVWriterTests {
    private func chunk(_ columns: [(DataType, [Value])]) -> (columns: [FileColumn], chunk: DataChunk) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i"]
        let vectors = columns.map { type, values in
            let builder = ColumnBuilder(type: type)
            for value in values { builder.append(value: value) }
            return builder.finish()
        }
        return (
            columns.enumerated().map { FileColumn(name: names[$0], type: $1.0) },
            DataChunk(columns: vectors, rowCount: columns[0].1.count)
        )
    }

    private func written(_ columns: [(DataType, [Value])], name: String = "o.csv", _ change: (inout CSVWriterOptions) -> Void = { _ in }) throws -> String {
        try TestFiles.withFolder { folder in
            var options = CSVWriterOptions()
            change(&options)
            let (names, rows) = chunk(columns)
            let writer = try CSVWriter(columns: names, options: options, output: try OutputFile(path: folder + "/" + name))
            try writer.write(rows)
            try writer.finish()
            let (buffer, count) = try ByteStream(try InputFile(path: folder + "/" + name)).readAll()
            return String(decoding: UnsafeRawBufferPointer(start: buffer.address, count: count), as: UTF8.self)
        }
    }

    /// The expected texts are what DuckDB 2.0 wrote for the same rows and options.
    @Test func quotesAreThoseOfDuckDB() throws {
        let texts: [String] = ["a,b", "q\"q", "n\nn", "r\rr", " lead", "trail ", "#c", "NULL", "\""]
        #expect(try written(texts.map { (.varchar, [.string($0)]) })
            == "a,b,c,d,e,f,g,h,i\n\"a,b\",\"q\"\"q\",\"n\nn\",\"r\rr\", lead,trail ,\"#c\",NULL,\"\"\"\"\n")
        let four: [(DataType, [Value])] = [(.integer, [.integer(1)]), (.varchar, [.string("x")]), (.integer, [.null]), (.varchar, [.string("")])]
        #expect(try written(four) == "a,b,c,d\n1,x,,\"\"\n")
        let nulls: [(DataType, [Value])] = [(.varchar, [.string("NULL")]), (.varchar, [.null]), (.varchar, [.string("")])]
        #expect(try written(nulls) { $0.nullText = "NULL" } == "a,b,c\n\"NULL\",NULL,\n")
        #expect(try written([(.varchar, [.null])]) == "a\n\n")
        let typed: [(DataType, [Value])] = [
            (.double, [.double(1.5)]), (.date, [.date(19723)]), (.timestamp, [.ticks(1_704_103_200_000_000)]), (.boolean, [.boolean(true)]),
            (.decimal(precision: 5, scale: 2), [.decimal(150)]), (.interval, [.interval(Interval(days: 1))]), (.blob, [.blob(Array("ab".utf8))]),
            (.time, [.ticks(36_000_000_000)]),
        ]
        #expect(try written(typed) { $0.forcedQuotes = .all }
            == "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"\n\"1.5\",\"2024-01-01\",\"2024-01-01 10:00:00\",\"true\",\"1.50\",\"1 day\",\"ab\",\"10:00:00\"\n")
        #expect(try written([(.integer, [.integer(1)]), (.varchar, [.string("a;b")])]) { $0.delimiter = 59 } == "a;b\n1;\"a;b\"\n")
        #expect(try written([(.varchar, [.string("a'b")]), (.varchar, [.string("c\"d")])]) { $0.quote = 39 } == "a,b\n'a''b',c\"d\n")
        #expect(try written([(.varchar, [.string("a\"b")]), (.varchar, [.string("c\\d")])]) { $0.escape = 92 } == "a,b\n\"a\\\"b\",c\\d\n")
        #expect(try written([(.integer, [.integer(1)])]) { $0.hasHeader = false } == "1\n")
        #expect(try written([(.timestamp, [.ticks(1_704_103_200_000_000)]), (.double, [.double(1.5)])]) { $0.delimiter = 58 } == "a:b\n\"2024-01-01 10:00:00\":1.5\n")
        #expect(try written([(.integer, [.null]), (.integer, [.integer(1)])]) { $0.forcedQuotes = .columns([0]) } == "\"a\",b\n,1\n")
    }

    @Test(arguments: ["o.csv", "o.csv.gz", "o.csv.zst"])
    func randomRowsReadBackAsTheyWere(name: String) throws {
        var random = SplitMix(seed: 33)
        let pieces = ["x", "\"", ",", "\n", "\r\n", " ", "é", "''", "#", "\\"]
        var texts: [Value] = []
        var doubles: [Value] = []
        for _ in 0..<2000 {
            let text = (0..<(random.next() % 5)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            texts.append(random.next() % 7 == 0 ? .null : .string(text))
            let value = Double(bitPattern: random.next())
            doubles.append(random.next() % 7 == 0 || !value.isFinite ? .null : .double(value))
        }
        try TestFiles.withFolder { folder in
            let (names, rows) = chunk([(.varchar, texts), (.double, doubles)])
            let writer = try CSVWriter(columns: names, output: try OutputFile(path: folder + "/" + name))
            try writer.write(rows)
            try writer.write(rows)
            try writer.finish()
            let scan = try CSVScan(paths: [folder + "/" + name], blockSize: 5000)
            #expect(scan.columns == names)
            var read: [[Value]] = []
            for task in 0..<scan.taskCount {
                try scan.read(task: task, projection: [0, 1], cancellation: CancellationFlag()) { chunk in
                    for row in 0..<chunk.rowCount { read.append(chunk.columns.map { $0.value(at: row) }) }
                }
            }
            let expected = zip(texts, doubles).map { [$0, $1] }
            #expect(read == expected + expected)
        }
    }

    @Test func nothingRemainsOfAFileThatIsNotFinished() throws {
        try TestFiles.withFolder { folder in
            try TestFiles.write("old", to: folder + "/o.csv")
            do {
                let writer = try CSVWriter(columns: [FileColumn(name: "a", type: .integer)], output: try OutputFile(path: folder + "/o.csv"))
                try writer.write(DataChunk(columns: [.constant(.integer(1), type: .integer, count: 5)], rowCount: 5))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["o.csv"])
            #expect(try TestFiles.lines(folder + "/o.csv") == ["old"])
            let missing = errorMessage { _ = try OutputFile(path: folder + "/none/o.csv") }
            #expect(missing?.contains("cannot write \(folder)/none/o.csv") == true)
            let directory = errorMessage { _ = try OutputFile(path: folder) }
            #expect(directory?.contains("directory") == true)
        }
    }
}
