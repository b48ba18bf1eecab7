import Testing

@testable import ZLColumnar

/// Tables made of pieces, against the rows that came and against tables made of chunks.
@Suite struct RowPiecesTests {
    private static let types: [DataType] = [.bigint, .varchar, .varchar, .integer]

    /// How the chunks of a source come: as neighbours in memory, each by itself, with dictionaries that change now and then, many constants.
    enum Shape: CaseIterable { case neighbours, single, dictionaries, constants }

    private func value(_ row: Int, _ column: Int) -> Value {
        switch column {
        case 0: row % 1000 == 3 ? .null : .integer(Int128(row))
        case 1: row % 501 == 7 ? .null : .string("text \(row % 37) beyond twelve bytes")
        case 2: .string("unique \(row)")
        default: .integer(Int128(row / 5000))
        }
    }

    private func column(_ index: Int, _ rows: Range<Int>, withNulls: Bool) -> ColumnVector {
        let builder = ColumnBuilder(type: RowPiecesTests.types[index], capacity: rows.count)
        for row in rows {
            let value = value(row, index)
            builder.append(value: value.isNull && !withNulls ? self.value(row + 1, index) : value)
        }
        return builder.finish()
    }

    private func chunks(_ total: Int, _ shape: Shape) -> [DataChunk] {
        var chunks: [DataChunk] = []
        let whole = shape == .neighbours ? (0..<4).map { column($0, 0..<total, withNulls: false) } : []
        var start = 0
        while start < total {
            let end = min(total, start + 1 + (start * 7919) % DataChunk.capacity)
            let rows = start..<end
            var columns = shape == .neighbours
                ? whole.map { $0.slice(rows) } : (0..<4).map { column($0, rows, withNulls: true) }
            if shape == .dictionaries {
                let large = StringDictionary.build([column(1, start / 60_000 * 60_000..<start / 60_000 * 60_000 + 80_000, withNulls: true)])
                columns[1] = large?.slice(rows.lowerBound % 60_000..<rows.lowerBound % 60_000 + rows.count) ?? columns[1]
            }
            if shape == .constants { columns[3] = .constant(.integer(7), type: .integer, count: rows.count) }
            chunks.append(DataChunk(columns: columns, rowCount: rows.count))
            start = end
        }
        return chunks
    }

    @Test(arguments: [(0, 1), (1, 1), (3000, 7), (RowGroup.capacity, 1), (3 * RowGroup.capacity + 17, 2), (3 * RowGroup.capacity + 17, 40)], Shape.allCases)
    func rowsKeepTheirOrder(size: (total: Int, tasks: Int), shape: Shape) throws {
        let chunks = chunks(size.total, shape)
        let parts = (0..<size.tasks).map { task in
            var builder = RowPieces.Builder(types: RowPiecesTests.types)
            for index in chunks.count * task / size.tasks..<chunks.count * (task + 1) / size.tasks { builder.append(chunks[index]) }
            return builder.finish()
        }
        let table = try TableData(types: RowPiecesTests.types, parts, threads: 2)
        let expected = try TableData(types: RowPiecesTests.types).appending(chunks, threads: 1)
        #expect(table.rowCount == size.total)
        #expect(table.rowGroups.map(\.rowCount) == expected.rowGroups.map(\.rowCount))
        for (group, other) in zip(table.rowGroups, expected.rowGroups) {
            for (segment, known) in zip(group.segments, other.segments) {
                #expect(segment.zone == known.zone)
                #expect(try segment.zones() == known.zones())
                let (bytes, knownBytes) = try (segment.encoded(), known.encoded())
                #expect(bytes.bytes.elementsEqual(knownBytes.bytes))
                var differing = 0
                for start in stride(from: 0, to: segment.rowCount, by: DataChunk.capacity) {
                    let rows = start..<min(segment.rowCount, start + DataChunk.capacity)
                    let (found, wanted) = try (segment.decode(rows), known.decode(rows))
                    for row in 0..<rows.count where found.value(at: row) != wanted.value(at: row) { differing += 1 }
                }
                #expect(differing == 0)
            }
        }
    }

    @Test func longNeighboursAreSharedAndShortOnesAreNot() throws {
        let long = column(0, 0..<RowGroup.capacity, withNulls: false)
        func piece(_ rows: Range<Int>) -> ColumnVector? {
            var pieces = ColumnPieces(type: .bigint)
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 2048) { pieces.append(long.slice(start..<min(rows.upperBound, start + 2048))) }
            let found = pieces.finish()
            return found.count == 1 ? found[0] : nil
        }
        let (shared, copied) = (try #require(piece(0..<RowGroup.capacity)), try #require(piece(2048..<8192)))
        #expect(shared.values(Int64.self) == long.values(Int64.self))
        #expect(copied.values(Int64.self) != long.values(Int64.self) + 2048)
        #expect((0..<6144).allSatisfy { copied.values(Int64.self)[$0] == long.values(Int64.self)[2048 + $0] })
    }
}
