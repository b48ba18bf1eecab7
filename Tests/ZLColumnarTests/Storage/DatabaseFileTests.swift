import Foundation
import Testing
import ZLColumnar

@Suite struct DatabaseFileTests {
    static let types: [DataType] = [.bigint, .double, .varchar, .boolean, .decimal(precision: 30, scale: 4), .interval]

    /// Rows with NULLs, long strings and every layout width.
    static func chunk(_ count: Int, seed: Int) -> DataChunk {
        let builders = types.map { ColumnBuilder(type: $0) }
        for row in 0..<count {
            let isNull = (row + seed) % 5 == 0
            for (index, builder) in builders.enumerated() {
                if isNull, index != 0 {
                    builder.appendNull()
                    continue
                }
                switch index {
                case 0: builder.append(Int64(row * seed))
                case 1: builder.append(Double(row) / Double(seed))
                case 2: builder.append(text: String(repeating: "oil", count: row % 9) + "\(row)")
                case 3: builder.append(UInt8(row % 2))
                case 4: builder.append(Int128(row) << 70)
                default: builder.append(Interval(months: Int32(row), days: 1, microseconds: -5))
                }
            }
        }
        return DataChunk(columns: builders.map { $0.finish() }, rowCount: count)
    }

    static func catalog(_ data: TableData) -> Catalog {
        var catalog = Catalog()
        catalog.createSchema("Market_Data")
        let columns = types.enumerated().map { ColumnDefinition(name: "c\($0)", type: $1, isNotNull: $0 == 0, defaultText: $0 == 1 ? "1.5" : nil) }
        catalog.put(CatalogEntry(schema: "market_data", name: "Bars", kind: .table, columns: columns, text: "PK", sortOrder: [0], data: data))
        catalog.put(CatalogEntry(schema: "main", name: "v", kind: .view, text: "SELECT 1"))
        return catalog
    }

    static func values(_ database: Database) throws -> [[Value]] {
        let data = try #require(database.snapshot.entry(schema: "MARKET_DATA", name: "bars")?.data)
        return try data.rowGroups.flatMap { group -> [[Value]] in
            let columns = try group.columns()
            return (0..<group.rowCount).map { row in columns.map { $0.value(at: row) } }
        }
    }

    static func withPath(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "zlsql-file-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/test.db")
    }

    @Test(arguments: [0, 1, 63, 64, 65, 2049, 130_000])
    func whatWasCommittedIsThereAfterReopening(count: Int) throws {
        try Self.withPath { path in
            let chunk = Self.chunk(count, seed: 3)
            let expected = (0..<count).map { row in chunk.columns.map { $0.value(at: row) } }
            do {
                let database = try Database.open(path: path, isReadOnly: false)
                try database.commit(Self.catalog(try TableData(types: Self.types).appending([chunk])))
            }
            let reopened = try Database.open(path: path, isReadOnly: true)
            #expect(try Self.values(reopened) == expected)
            let entry = try #require(reopened.snapshot.entry(schema: "market_data", name: "BARS"))
            #expect(entry.name == "Bars" && entry.text == "PK" && entry.sortOrder == [0])
            #expect(entry.columns[0].isNotNull && entry.columns[1].defaultText == "1.5")
            #expect(reopened.snapshot.entry(schema: "main", name: "V")?.text == "SELECT 1")
        }
    }

    @Test func commitsAddUpAndABrokenLastHeaderLeavesTheOneBefore() throws {
        try Self.withPath { path in
            var first: [[Value]] = []
            do {
                let database = try Database.open(path: path, isReadOnly: false)
                let data = try TableData(types: Self.types).appending([Self.chunk(100, seed: 2)])
                try database.commit(Self.catalog(data))
                first = try Self.values(database)
                try database.commit(Self.catalog(try data.appending([Self.chunk(50, seed: 7)])))
                #expect(try Self.values(database).count == 150)
            }
            // Generation 2 lies in slot A, at offset 0.
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[60] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(try Self.values(try Database.open(path: path, isReadOnly: false)) == first)
        }
    }

    @Test func aFlippedBitOrACutIsAnErrorOrLeavesTheDataAsItWas() throws {
        try Self.withPath { path in
            var expected: [[Value]] = []
            do {
                let database = try Database.open(path: path, isReadOnly: false)
                try database.commit(Self.catalog(try TableData(types: Self.types).appending([Self.chunk(200, seed: 3)])))
                expected = try Self.values(database)
            }
            let intact = try Data(contentsOf: URL(fileURLWithPath: path))
            var refused = 0
            // The headers and the block's first bytes closely, the rest here and there.
            let offsets = Array(stride(from: 0, to: 9000, by: 7)) + Array(stride(from: 9000, to: intact.count, by: 1009))
            for offset in offsets {
                var bytes = intact
                if offset % 2 == 0 { bytes[offset] ^= UInt8(1 << (offset % 8)) } else { bytes = bytes.prefix(offset) }
                try bytes.write(to: URL(fileURLWithPath: path))
                do {
                    let rows = try Self.values(try Database.open(path: path, isReadOnly: true))
                    #expect(rows == expected, "offset \(offset)")
                } catch {
                    refused += 1
                }
            }
            #expect(refused > 300)
        }
    }

    @Test func whatIsReplacedMakesRoomForWhatComes() throws {
        try Self.withPath { path in
            let database = try Database.open(path: path, isReadOnly: false)
            func size() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: path)).count }
            func replace(_ seed: Int) throws {
                try database.commit(Self.catalog(try TableData(types: Self.types).appending([Self.chunk(30_000, seed: seed)])))
            }
            try replace(2)
            try replace(3)
            let twice = try size()
            for seed in 4..<12 { try replace(seed) }
            #expect(try size() <= twice + twice / 4)
            let expected = Self.chunk(30_000, seed: 11)
            let rows = try Self.values(database)
            #expect((0..<30_000).allSatisfy { row in rows[row] == expected.columns.map { $0.value(at: row) } })
        }
    }

    @Test func aSnapshotKeepsItsRowsWhileOthersCommit() throws {
        try Self.withPath { path in
            let database = try Database.open(path: path, isReadOnly: false)
            try database.commit(Self.catalog(try TableData(types: Self.types).appending([Self.chunk(5_000, seed: 3)])))
            let old = database.snapshot
            for seed in 4..<8 {
                try database.commit(Self.catalog(try TableData(types: Self.types).appending([Self.chunk(5_000, seed: seed)])))
            }
            let expected = Self.chunk(5_000, seed: 3)
            let data = try #require(old.entry(schema: "market_data", name: "bars")?.data)
            let columns = try data.rowGroups[0].columns()
            #expect((0..<5_000).allSatisfy { row in columns.map { $0.value(at: row) } == expected.columns.map { $0.value(at: row) } })
        }
    }

    @Test func aFileThatIsNoDatabaseIsNamedAndAReaderCannotCommit() throws {
        try Self.withPath { path in
            try Data("ts_event,rtype\n".utf8).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: ZLError.self) { try Database.open(path: path, isReadOnly: true) }
            #expect(error?.code == "not_a_database" && error?.message.contains(path) == true)
            let memory = try Database.open(path: nil, isReadOnly: true)
            #expect(throws: ZLError.self) { try memory.commit(Catalog()) }
        }
    }
}
