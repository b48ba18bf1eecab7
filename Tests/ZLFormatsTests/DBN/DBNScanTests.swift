import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite(.enabled(if: TestFiles.hasDBN, "no DBN fixtures: set ZLSQL_SHARED"))
struct DBNScanTests {
    /// Files with an expected CSV, but those of schema definition and without metadata.
    static let fixtures: [String] = FileGlob.files(under: TestFiles.dbn, endings: [".dbn", ".dbn.zst"]).filter {
        !$0.contains("definition") && FileManager.default.fileExists(atPath: $0 + ".csv")
    }

    @Test func thereAreFixturesOfEverySchema() throws {
        #expect(Self.fixtures.count >= 80)
        let schemas = try Set(Self.fixtures.map { try DBNScan(paths: [$0]).schema })
        #expect(schemas.isSuperset(of: [
            .mbo, .mbp1, .mbp10, .tbbo, .trades, .ohlcv1s, .ohlcv1m, .ohlcv1h, .ohlcv1d, .statistics, .status, .imbalance,
            .bbo1s, .bbo1m, .cmbp1, .cbbo1s,
        ]))
    }

    @Test(arguments: fixtures)
    func fixtureDecodesToTheCSVOfTheOfficialDecoder(path: String) throws {
        var options = DBNOptions()
        options.priceAsDecimal = true
        let exact = try DBNScan(paths: [path], options: options)
        let expected = try TestFiles.lines(path + ".csv").map { $0.components(separatedBy: ",") }
        let header = try #require(expected.first)
        #expect(exact.columns.map { $0.name } == header)
        let rows = try exact.texts()
        try #require(rows.count == expected.count - 1)
        let doubles = try DBNScan(paths: [path])
        let doubleRows = try doubles.texts()
        for (row, wanted) in zip(rows, expected.dropFirst()) {
            for (column, value) in row.enumerated() {
                let type = exact.columns[column].type
                #expect(pretty(value, type) == blankUndefined(wanted[column], value), "\(path) \(header[column])")
            }
        }
        for (row, exactRow) in zip(doubleRows, rows) {
            for column in row.indices where exact.columns[column].type.isDecimal {
                #expect(doubles.columns[column].type == .double)
                let unscaled = exactRow[column].map { Int64($0.replacingOccurrences(of: ".", with: ""))! }
                #expect(row[column].map { Double($0)! } == unscaled.map { Double($0) / 1e9 })
            }
        }
    }

    /// Databento's look of a timestamp: always nine decimals and Z.
    private func pretty(_ text: String?, _ type: DataType) -> String {
        guard let text else { return "" }
        guard type == .timestampNS else { return text }
        let parts = text.replacingOccurrences(of: " ", with: "T").components(separatedBy: ".")
        let fraction = parts.count > 1 ? parts[1] : ""
        return parts[0] + "." + fraction + String(repeating: "0", count: 9 - fraction.count) + "Z"
    }

    /// The official CSV writes undefined integers as the type's greatest value; here they are NULL.
    private func blankUndefined(_ expected: String, _ found: String?) -> String {
        let greatest = ["65535", "2147483647", "4294967295", "9223372036854775807"]
        return found == nil && greatest.contains(expected) ? "" : expected
    }

    static let badFiles: [(String, String)] = [
        ("magic.dbn", "expected \"DBN\""), ("text.dbn", "expected \"DBN\""), ("empty.dbn", "is empty"),
        ("version9.dbn", "version 9 is a newer version; versions 1 to 3"), ("metadata-short.dbn", "at least 100"),
        ("metadata-long.dbn", "the file ends after"), ("symbol-count.dbn", "2147483647 symbols"),
        ("schema-definition.dbn", "schema definition"), ("unknown-schema.dbn", "unknown schema code"),
        ("zero-length-record.dbn", "a length of 0 bytes"), ("long-record.dbn", "expected 56"),
        ("checksum.dbn.zst", "damaged"), ("truncated-frame.dbn.zst", "cut off"),
        ("truncated-record.dbn", "the last record is cut off: 36 of 56"), ("wrong-rtype.dbn", "0xA0 (mbo), expected 0x21 (ohlcv-1m)"),
    ]

    @Test func everyBadFileIsListed() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: TestFiles.dbn + "/synthetic/ZL/bad")
        #expect(Set(names) == Set(Self.badFiles.map { $0.0 }))
    }

    @Test(arguments: badFiles)
    func badFileGivesOneClearError(name: String, expected: String) throws {
        let path = TestFiles.dbn + "/synthetic/ZL/bad/" + name
        let message = try #require(errorMessage { _ = try DBNScan(paths: [path]).texts() })
        #expect(message.contains(expected) && message.contains(path) && message.contains("byte") || name == "empty.dbn", "\(message)")
    }

    @Test func oldFormatFragmentsAndDefinitionsAreNamed() throws {
        for name in ["test_data.definition.dbz", "test_data.ohlcv-1m.dbz"] {
            let message = try #require(errorMessage { _ = try DBNScan(pattern: TestFiles.dbn + "/dbn-repo/" + name) })
            #expect(message.contains("DBZ"))
        }
        for name in ["test_data.definition.v1.dbn.frag", "test_data.definition.v3.dbn.frag.zst"] {
            let message = try #require(errorMessage { _ = try DBNScan(pattern: TestFiles.dbn + "/dbn-repo/" + name) })
            #expect(message.contains("fragment"))
        }
        let message = try #require(
            errorMessage { _ = try DBNScan(pattern: TestFiles.dbn + "/dbn-repo/test_data.definition.v3.dbn.zst") })
        #expect(message.contains("definition is not implemented yet") || message.contains("is not implemented yet"))
    }

    @Test func filesOfTwoSchemasDoNotMix() throws {
        let folder = TestFiles.dbn + "/dbn-repo/"
        let message = errorMessage {
            _ = try DBNScan(paths: [folder + "test_data.mbo.dbn", folder + "test_data.tbbo.dbn"])
        }
        #expect(message?.contains("holds mbo") == true && message?.contains("holds tbbo") == true)
    }

    @Test func projectionPicksColumnsAndFilenameComesLast() throws {
        let path = TestFiles.dbn + "/synthetic/ZL/parent.ohlcv-1d.v3.dbn.zst"
        var options = DBNOptions()
        options.includesFilename = true
        let scan = try DBNScan(paths: [path, path], options: options)
        #expect(scan.columns.suffix(2).map { $0.name } == ["symbol", "filename"])
        let all = try scan.texts()
        let some = try scan.texts([10, 9, 5])
        #expect(some == all.map { [$0[10], $0[9], $0[5]] })
        #expect(all.count == 128 && all[0][10] == path)
        #expect(try scan.rowCount() == 128)
    }

    @Test func anInstrumentWithTwoSymbolsIsRefusedUnlessSymbolIsNotAsked() throws {
        // Both intervals of the fixture name instrument 101 and 102 under one symbol; a second mapping is made to say another one.
        let bytes = try unpacked(TestFiles.dbn + "/synthetic/ZL/parent.ohlcv-1d.v3.dbn.zst")
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        #expect(text.contains("ZLH4"))
        var changed = bytes
        let other = Array("104".utf8)
        // The calendar spread's id 104 becomes 102, which is ZLH4 on the same days.
        for start in 0..<(changed.count - 4) where Array(changed[start..<(start + 3)]) == other && changed[start + 3] == 0 {
            changed.replaceSubrange(start..<(start + 3), with: Array("102".utf8))
        }
        try TestFiles.withFolder { folder in
            let path = folder + "/ambiguous.dbn"
            try TestFiles.write(Data(changed), to: path)
            let scan = try DBNScan(pattern: path)
            let message = errorMessage { _ = try scan.texts() }
            #expect(message?.contains("instrument 102 is both") == true, "\(message ?? "no error")")
            #expect(try scan.texts([0, 4]).count == 64)
        }
    }

    @Test func summariesCountRowsAndHashContents() throws {
        let path = TestFiles.dbn + "/synthetic/ZL/multi-frame.ohlcv-1m.v3.dbn.zst"
        let rows = try DatabentoFilesScan(pattern: path).texts()
        let times = try TestFiles.lines(path + ".raw.csv").dropFirst().map { Int64($0.prefix { $0 != "," })! }
        let first = TextFormat.text(of: .ticks(times.min()!), type: .timestampNS)
        let last = TextFormat.text(of: .ticks(times.max()!), type: .timestampNS)
        #expect(rows[0][0] == "multi-frame.ohlcv-1m.v3.dbn.zst" && rows[0][2] == "ohlcv-1m" && rows[0][3] == "200")
        #expect(rows[0][4] == first && rows[0][5] == last)
        #expect(rows[0][1]?.count == 16)
    }

    private func unpacked(_ path: String) throws -> [UInt8] {
        let (buffer, count) = try ByteStream(try InputFile(path: path)).readAll()
        return Array(UnsafeRawBufferPointer(start: buffer.address, count: count))
    }

    @Test func mutatedFilesNeverCrash() throws {
        var random = SplitMix(seed: 77)
        try TestFiles.withFolder { folder in
            let path = folder + "/mutated.dbn"
            for fixture in Self.fixtures.prefix(60) {
                let packed = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture)))
                let plain = try unpacked(fixture)
                for round in 0..<24 {
                    var bytes = round % 4 == 0 ? packed : plain
                    for _ in 0..<(1 + random.next() % 4) where !bytes.isEmpty {
                        let place = Int(random.next() % UInt64(bytes.count))
                        bytes[place] = UInt8(truncatingIfNeeded: random.next())
                    }
                    if round % 5 == 0 { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
                    try TestFiles.write(Data(bytes), to: path)
                    _ = errorMessage { _ = try DBNScan(pattern: path).texts() }
                }
            }
        }
    }

    @Test(.enabled(if: TestFiles.hasMarket, "no market data: set ZLSQL_MARKET_DATA"))
    func realBarsAreAllRead() throws {
        let scan = try DBNScan(pattern: TestFiles.market + "/databento/ohlcv-1h/*.dbn.zst")
        #expect(scan.taskCount == 151)
        let expected = try TestFiles.lines(TestFiles.market + "/bars_csv/databento_ohlcv-1h/ZL.csv")
        var total = 0
        var bars: [String] = []
        for task in 0..<scan.taskCount {
            try scan.read(task: task, projection: [0, 3, 7, 8, 9], cancellation: CancellationFlag()) { chunk in
                total += chunk.rowCount
                let columns = chunk.columns.map { TextColumn($0) }
                for row in 0..<chunk.rowCount where !columns[4].isNull(row) {
                    guard columns[4].bytes(row).elementsEqual("ZL.v.0".utf8) else { continue }
                    let line = ByteBuffer()
                    for column in columns {
                        column.append(row, to: line)
                        line.append(UInt8(ascii: ","))
                    }
                    bars.append(line.string)
                }
            }
        }
        // Counted with the official Python client.
        #expect(total == 3_843_796)
        try #require(bars.count == expected.count - 1)
        let wanted = expected.dropFirst().map { line in
            let parts = line.components(separatedBy: ",")
            let time = TextFormat.text(of: TextParser.value(parts[0], as: .timestampNS)!, type: .timestampNS)
            let close = TextFormat.text(of: TextParser.value(parts[7], as: .double)!, type: .double)
            return "\(time),\(parts[3]),\(close),\(parts[8]),\(parts[9]),"
        }
        #expect(bars == wanted)
    }
}
