import Foundation
import Testing
import ZLColumnar

@testable import ZLFormats

@Suite struct CSVScanTests {
    private func scan(
        _ text: String, blockSize: Int = CSVScan.defaultBlockSize, _ change: (inout CSVOptions) -> Void = { _ in },
        _ body: (CSVScan, String) throws -> Void
    ) throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/t.csv"
            try TestFiles.write(text, to: path)
            var options = CSVOptions()
            change(&options)
            try body(try CSVScan(paths: [path], options: options, blockSize: blockSize), path)
        }
    }

    private func message(_ text: String, _ change: (inout CSVOptions) -> Void = { _ in }) throws -> String {
        try TestFiles.withFolder { folder in
            try TestFiles.write(text, to: folder + "/t.csv")
            var options = CSVOptions()
            change(&options)
            return errorMessage { _ = try CSVScan(pattern: folder + "/t.csv", options: options).texts() } ?? "no error"
        }
    }

    private func names(_ scan: CSVScan) -> [String] { scan.columns.map { "\($0.name) \($0.type)" } }

    @Test(arguments: duckDBCSVs.indices)
    func filesReadAsDuckDBReadsThem(index: Int) throws {
        let expected = duckDBCSVs[index]
        try scan(expected.text) { (scan, _) throws in
            #expect(names(scan) == expected.columns, "\(expected.name)")
            #expect(try scan.texts() == expected.rows, "\(expected.name)")
        }
    }

    @Test func nanosecondTimestampsKeepTheirNanoseconds() throws {
        try scan("ts,n\n2010-06-07T00:00:00.000000001Z,1\n2010-06-07T00:00:00.000000000Z,2\n") { (scan, _) throws in
            #expect(names(scan) == ["ts TIMESTAMP_NS", "n BIGINT"])
            #expect(try scan.texts([0]) == [["2010-06-07 00:00:00.000000001"], ["2010-06-07 00:00:00"]])
        }
        try scan("ts\n2024-01-02 03:04:05.123456789+02\n") { (scan, _) throws in
            #expect(try scan.texts() == [["2024-01-02 01:04:05.123456789"]])
        }
    }

    @Test func quotedEmptyTextIsNoNullButAnEmptyNumberIs() throws {
        try scan("a,b\n\"\",1\n,\"\"\nx,3\n") { (scan, _) throws in
            #expect(names(scan) == ["a VARCHAR", "b BIGINT"])
            #expect(try scan.texts() == [["", "1"], [nil, nil], ["x", "3"]])
        }
    }

    @Test func nullTextsApplyToDetectionAndValues() throws {
        try scan("d,v\n2024-01-01,.\n2024-01-02,1.5\nNA,\".\"\n", { $0.nullTexts = [".", "NA", ""] }) { (scan, _) throws in
            #expect(names(scan) == ["d DATE", "v DOUBLE"])
            #expect(try scan.texts() == [["2024-01-01", nil], ["2024-01-02", "1.5"], [nil, nil]])
        }
    }

    @Test func aLateRowDecidesTheTypeAndIsReported() throws {
        let text = "a,b\n" + String(repeating: "1,2\n", count: 5000) + "x,2.5\n"
        try scan(text, blockSize: 4096) { (scan, path) throws in
            #expect(names(scan) == ["a VARCHAR", "b DOUBLE"])
            #expect(scan.estimatedRowCount == 5001)
            #expect(try scan.texts().last == ["x", "2.5"])
            #expect(scan.notes == [
                "column \"a\" is VARCHAR and not BIGINT because of \"x\" in \(path) line 5002",
                "column \"b\" is DOUBLE and not BIGINT because of \"2.5\" in \(path) line 5002",
            ])
        }
    }

    @Test func optionsOverrideWhatIsDetected() throws {
        let text = "junk line\na;b\n1;2\n"
        try scan(text, { $0.skippedLines = 1; $0.types = ["B": .varchar]; $0.names = ["x"] }) { (scan, _) throws in
            #expect(names(scan) == ["x BIGINT", "b VARCHAR"] || names(scan) == ["x BIGINT", "B VARCHAR"])
        }
        try scan("1,2\n3,4\n", { $0.hasHeader = true }) { (scan, _) throws in #expect(names(scan) == ["1 BIGINT", "2 BIGINT"]) }
        try scan("a,b\nc,d\n", { $0.hasHeader = false }) { (scan, _) throws in
            #expect(names(scan) == ["column0 VARCHAR", "column1 VARCHAR"])
            #expect(scan.estimatedRowCount == 2)
        }
        try scan("a,b\n1,2\n", { $0.isAllVarchar = true }) { (scan, _) throws in #expect(names(scan) == ["a VARCHAR", "b VARCHAR"]) }
        let columns = [FileColumn(name: "p", type: .decimal(precision: 10, scale: 2)), FileColumn(name: "q", type: .usmallint)]
        try scan("a,b\n1.005,2\n", { $0.columns = columns }) { (scan, _) throws in
            #expect(try scan.texts() == [["1.01", "2"]])
        }
        try scan("a^b\n'x^y'^2\n'it\\'s'^3\n", { $0.delimiter = 94; $0.quote = 39; $0.escape = 92 }) { (scan, _) throws in
            #expect(try scan.texts() == [["x^y", "2"], ["it's", "3"]])
        }
        try scan("a,b\n1,2\n", { $0.includesFilename = true }) { (scan, path) throws in
            #expect(try scan.texts([2, 0]) == [[path, "1"]])
        }
    }

    @Test func errorsNameFileAndLine() throws {
        #expect(try message("a,b\n1,2\n3\n") { $0.delimiter = 44 }.contains("t.csv line 3: 1 field found, 2 expected: \"3\""))
        #expect(try message("a,b\n1,2\n3,4,5\n").contains("t.csv line 3: 3 fields found, 2 expected: \"3,4,5\""))
        #expect(try message("a,b\n\"x\ny\",2\n3\n").contains("line 4: 1 field found"))
        #expect(try message("a,b\n1,\"x\n").contains("line 2: the quoted field that begins here has no closing quote"))
        #expect(try message("a,b\n1,\"x\"y\n").contains("line 2: text stands behind a closing quote"))
        let conversion = try message("a,b\n1,2\nx7,3\n") { $0.types = ["a": .integer] }
        #expect(conversion.contains("t.csv line 3: cannot convert \"x7\" to INTEGER for column \"a\""))
        #expect(try message("a,b\n1,2\n") { $0.types = ["z": .integer] }.contains("has no column \"z\""))
        try TestFiles.withFolder { folder in
            try TestFiles.write(Data([0x61, 0x0A, 0xFF, 0x0A]), to: folder + "/t.csv")
            let encoding = errorMessage { _ = try CSVScan(pattern: folder + "/t.csv") }
            #expect(encoding?.contains("line 2: the text is not UTF-8") == true)
            try TestFiles.write("a,b\n1,2\n", to: folder + "/m1.csv")
            try TestFiles.write("a,c\n1,2\n", to: folder + "/m2.csv")
            let headers = errorMessage { _ = try CSVScan(pattern: folder + "/m*.csv") }
            #expect(headers?.contains("column 2 is \"c\" in \(folder)/m2.csv but \"b\" in \(folder)/m1.csv") == true)
        }
    }

    @Test func severalFilesShareOneTypeAndPackedFilesReadTheSame() throws {
        try TestFiles.withFolder { folder in
            try TestFiles.write("a,b\n1,x\n", to: folder + "/1.csv")
            try TestFiles.write("a,b\n2.5,\"y\nz\"\n", to: folder + "/2.csv")
            try TestFiles.write("", to: folder + "/3.csv")
            let scan = try CSVScan(pattern: folder + "/*.csv")
            #expect(names(scan) == ["a DOUBLE", "b VARCHAR"])
            #expect(try scan.texts() == [["1.0", "x"], ["2.5", "y\nz"]])
            let text = "a,b\n" + (0..<9000).map { "\($0),\($0 % 7)\n" }.joined()
            try TestFiles.write(text, to: folder + "/p.txt")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "gzip \(folder)/p.txt"]
            try process.run()
            process.waitUntilExit()
            let packed = try CSVScan(pattern: folder + "/p.txt.gz")
            #expect(packed.estimatedRowCount == 9000)
            #expect(try packed.texts().last == ["8999", "4"])
        }
    }

    /// Random fields with everything that needs quoting, written by the plain rules, read with tiny blocks.
    @Test func anyTextSurvivesQuotingWhateverTheBlockSize() throws {
        var random = SplitMix(seed: 5)
        let pieces = ["a", "\"", ",", "\n", "\r\n", " ", "é", "x\"y", "", "12", "longer than twelve bytes, surely"]
        for round in 0..<60 {
            let columnCount = 2 + Int(random.next() % 4)
            let rows = (0..<(1 + random.next() % 60)).map { _ in
                (0..<columnCount).map { _ in (0..<(random.next() % 4)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined() }
            }
            let lineEnd = round % 2 == 0 ? "\n" : "\r\n"
            let header = (0..<columnCount).map { "c\($0)" }.joined(separator: ",")
            let body = rows.map { row in row.map { "\"" + $0.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }.joined(separator: ",") }
            let text = ([header] + body).joined(separator: lineEnd) + (round % 3 == 0 ? "" : lineEnd)
            try scan(text, blockSize: 1 + Int(random.next() % 300), { $0.isAllVarchar = true; $0.hasHeader = true; $0.delimiter = 44 }) { (scan, _) throws in
                #expect(try scan.texts() == rows)
            }
        }
    }

    @Test func plainFilesReadTheSameWithEveryBlockSize() throws {
        var random = SplitMix(seed: 6)
        let rows = (0..<700).map { row -> [String?] in
            [String(row), random.next() % 5 == 0 ? nil : "\(Double(random.next() % 100_000) / 100)", "t\(random.next() % 50)"]
        }
        let text = "i,v,s\n" + rows.map { $0.map { $0 ?? "" }.joined(separator: ",") }.joined(separator: "\n")
        for blockSize in [1, 7, 64, 1000, 5000, 1 << 20] {
            try scan(text, blockSize: blockSize) { (scan, _) throws in
                #expect(names(scan) == ["i BIGINT", "v DOUBLE", "s VARCHAR"])
                #expect(scan.estimatedRowCount == 700)
                #expect(try scan.texts() == rows)
            }
        }
    }

    /// Enough rows that blocks write their values to shared memory; blank lines leave gaps in it.
    @Test(arguments: [false, true]) func manyRowsStandAtTheirPlaces(hasBlankLines: Bool) throws {
        let rows = 2 * CSVRowPlaces.regionRows + 10_000
        var text: [UInt8] = Array("i,d,t\n".utf8)
        for row in 0..<rows {
            text += Array("\(row),\(row / 4).25,\(row % 7)x\n".utf8)
            if hasBlankLines, row % 1000 == 7 { text.append(UInt8(ascii: "\n")) }
        }
        try TestFiles.withFolder { folder in
            try TestFiles.write(Data(text), to: folder + "/t.csv")
            let scan = try CSVScan(paths: [folder + "/t.csv"], blockSize: 64 << 10)
            #expect(scan.columns.map(\.type) == [.bigint, .double, .varchar] && scan.estimatedRowCount == rows)
            for _ in 0..<2 {
                var chunks: [DataChunk] = []
                for task in 0..<scan.taskCount {
                    try scan.read(task: task, projection: [0, 1, 2], cancellation: CancellationFlag()) { chunks.append($0) }
                }
                let table = try TableData(types: [.bigint, .double, .varchar]).appending(chunks, threads: 2)
                var row = 0
                var differing = 0
                for group in table.rowGroups {
                    let columns = try group.columns()
                    let texts = TextColumn(columns[2])
                    for index in 0..<group.rowCount {
                        let isRight = columns[0].values(Int64.self)[index] == Int64(row)
                            && columns[1].values(Double.self)[index] == Double(row / 4) + 0.25
                            && texts.bytes(index)[0] == 48 + UInt8(row % 7)
                        if !isRight { differing += 1 }
                        row += 1
                    }
                }
                #expect(row == rows && differing == 0)
            }
        }
    }

    @Test func mutatedTextNeverCrashes() throws {
        var random = SplitMix(seed: 15)
        let seed = Array("a,b,c\n1,2.5,\"x,y\"\n3,,\"p\"\"q\"\r\n2024-01-01,10:00:00,tr\n".utf8)
        try TestFiles.withFolder { folder in
            for _ in 0..<1500 {
                var bytes = seed
                for _ in 0..<(1 + random.next() % 5) {
                    bytes[Int(random.next() % UInt64(bytes.count))] = random.next() % 3 == 0 ? UInt8(truncatingIfNeeded: random.next()) : seed[Int(random.next() % UInt64(seed.count))]
                }
                try TestFiles.write(Data(bytes), to: folder + "/m.csv")
                _ = errorMessage { _ = try CSVScan(paths: [folder + "/m.csv"], blockSize: 1 + Int(random.next() % 40)).texts() }
            }
        }
    }
}
