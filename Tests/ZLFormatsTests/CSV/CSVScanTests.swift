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
        var time = ""
        let rows = (0..<700).map { row -> [String?] in
            let second = String(format: "2024-01-02 03:04:%02d", Int(random.next() % 60))
            if row % 3 == 0 { time = second + ["", ".5", ".123456"][Int(random.next() % 3)] }
            return [
                String(row), random.next() % 5 == 0 ? nil : "\(Double(random.next() % 100_000) / 100)",
                String("abcdéfghijklmnopqrst".dropFirst(Int(random.next() % 20))), random.next() % 9 == 0 ? nil : time,
            ]
        }
        let text = "i,v,s,t\n" + rows.map { $0.map { $0 ?? "" }.joined(separator: ",") }.joined(separator: "\n")
        for blockSize in [1, 7, 64, 1000, 5000, 1 << 20] {
            try scan(text, blockSize: blockSize) { (scan, _) throws in
                #expect(names(scan) == ["i BIGINT", "v DOUBLE", "s VARCHAR", "t TIMESTAMP"])
                #expect(scan.estimatedRowCount == 700)
                // why: the first reading takes what was kept, the second parses.
                for _ in 0..<2 { #expect(try scan.texts() == rows) }
            }
        }
    }

    /// What may happen to a file of several row groups: each is read as the plain rules read it, in chunks and as a table.
    enum ManyRows: CaseIterable {
        case plain, blankLines, nulls, quotes, lateTypes, lateTypesAtBorders, noHeader

        func text(rows: Int) -> [UInt8] {
            var text: [UInt8] = self == .noHeader ? [] : Array("i,d,t,w\n".utf8)
            let border = CSVRowGroup.capacity
            for row in 0..<rows {
                var fields = ["\(row)", "\(row / 4).25", "\(row % 7)x", "2024-01-\(10 + row % 20)"]
                switch self {
                case .plain, .noHeader: break
                case .blankLines: if row == border + 77 { fields[0] = "\n" + fields[0] }
                case .nulls: for column in 0..<4 where (row * 31 + column * 7) % (row < border ? 11 : 100_003) == 0 { fields[column] = "" }
                case .quotes: if row % 40_000 == 39_999 { fields[2] = "\"a\"\"b,\n\"" }
                case .lateTypes: if row == rows - 10 { fields = ["\(row).5", "late", "1", "2024-01-01 01:02:03"] }
                case .lateTypesAtBorders:
                    if row == border - 1 { fields[0] = "\(row).5" }
                    if row >= border - 9, row % 3 == 0 { fields[3] += " 04:05:06" }
                }
                text += Array(fields.joined(separator: ",").utf8)
                text.append(UInt8(ascii: "\n"))
            }
            return text
        }
    }

    @Test(arguments: ManyRows.allCases) func manyRowsReadAsByThePlainRules(kind: ManyRows) throws {
        let rows = 2 * CSVRowGroup.capacity + 10_000
        try TestFiles.withFolder { folder in
            let paths = [folder + "/t.csv"]
            try TestFiles.write(Data(kind.text(rows: rows)), to: paths[0])
            let expected = try CSVScan(paths: paths, blockSize: 64 << 10, keepsRows: false)
            let types = expected.columns.map(\.type)
            #expect(expected.estimatedRowCount == rows && types[3] == (kind == .lateTypes || kind == .lateTypesAtBorders ? .timestamp : .date))
            let columns = try columns(of: expected, types)
            for blockSize in [64 << 10, 1 << 20] {
                let scan = try CSVScan(paths: paths, blockSize: blockSize)
                #expect(scan.columns == expected.columns && scan.estimatedRowCount == rows)
                // why: the first reading takes what was kept, the second parses.
                for _ in 0..<2 { requireSame(try self.columns(of: scan, types), columns) }
                let table = try CSVScan(paths: paths, blockSize: blockSize).table(projection: [3, 0, 1, 2])
                if [.plain, .nulls].contains(kind) { #expect(table != nil) }
                guard let table else { continue }
                #expect(table.rowGroups.map(\.rowCount) == [CSVRowGroup.capacity, CSVRowGroup.capacity, 10_000])
                let groups = try table.rowGroups.map { try $0.columns() }
                let found = [1, 2, 3, 0].map { place in ColumnVector.concatenate(groups.map { $0[place] }, type: table.types[place]) }
                requireSame(found, columns)
            }
        }
    }

    @Test func rowsOfSeveralFilesBecomeOneTableOnce() throws {
        try TestFiles.withFolder { folder in
            let paths = [folder + "/1.csv", folder + "/2.csv"]
            for path in paths { try TestFiles.write(Data(ManyRows.plain.text(rows: 2 * CSVRowGroup.capacity + 1000)), to: path) }
            let expected = try CSVScan(paths: paths, keepsRows: false)
            let types = expected.columns.map(\.type)
            let scan = try CSVScan(paths: paths)
            let table = scan.table(projection: [0, 1, 2, 3])
            let groups = try (table?.rowGroups ?? []).map { try $0.columns() }
            #expect(groups.map { $0[0].count } == [Int](repeating: CSVRowGroup.capacity, count: 4) + [2000])
            requireSame(types.indices.map { place in ColumnVector.concatenate(groups.map { $0[place] }, type: types[place]) }, try columns(of: expected, types))
            #expect(scan.table(projection: [0]) == nil)
            #expect(try columns(of: scan, types)[0].count == table?.rowCount)
        }
    }

    @Test func aLateRowThatIsBrokenIsReportedWithItsLine() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/t.csv"
            let rows = 2 * CSVRowGroup.capacity + 10_000
            try TestFiles.write(Data(ManyRows.plain.text(rows: rows) + Array("1,2\n".utf8)), to: path)
            let found = errorMessage { _ = try CSVScan(paths: [path]) }
            #expect(found?.contains("line \(rows + 2): 2 fields found, 4 expected") == true)
        }
    }

    private func columns(of scan: CSVScan, _ types: [DataType]) throws -> [ColumnVector] {
        var chunks: [DataChunk] = []
        for task in 0..<scan.taskCount {
            try scan.read(task: task, projection: Array(types.indices), cancellation: CancellationFlag()) { chunks.append($0) }
        }
        return types.indices.map { column in ColumnVector.concatenate(chunks.map { $0.columns[column] }, type: types[column]) }
    }

    private func requireSame(_ found: [ColumnVector], _ expected: [ColumnVector]) {
        for (left, right) in zip(found, expected) {
            #expect(left.type == right.type && left.count == right.count)
            guard left.count == right.count else { continue }
            let stride = left.physical.stride
            let (a, b) = (left.flattened(), right.flattened())
            var differing = 0
            for row in 0..<a.count {
                let isNull = a.isNull(row)
                if isNull != b.isNull(row) { differing += 1 }
                if isNull { continue }
                let isSame = a.physical == .string
                    ? StringView.compare(a.values(StringView.self) + row, b.values(StringView.self) + row) == 0
                    : memcmp(a.values(UInt8.self) + row * stride, b.values(UInt8.self) + row * stride, stride) == 0
                if !isSame { differing += 1 }
            }
            #expect(differing == 0, "\(left.type)")
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
