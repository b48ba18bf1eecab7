import Testing

@testable import ZLColumnar

/// Tables made of pieces, against the rows that came and against tables made of chunks.
@Suite struct RowPiecesTests {
    private static let types: [DataType] = [.bigint, .varchar, .varchar, .integer]

    /// How the chunks of a source come: as neighbours in memory, each by itself, with dictionaries that change now and then, many constants.
    enum Shape: CaseIterable { case neighbours, single, dictionaries, constants }

    private static let rowCount = 2 * RowGroup.capacity + 17

    private static func column(_ type: DataType, nullStep: Int, _ append: (ColumnBuilder, Int) -> Void) -> ColumnVector {
        let builder = ColumnBuilder(type: type, capacity: rowCount)
        for row in 0..<rowCount { if nullStep > 0, row % nullStep == 3 { builder.appendNull() } else { append(builder, row) } }
        return builder.finish()
    }

    private static func columns(withNulls: Bool) -> [ColumnVector] {
        let texts = (0..<37).map { "text \($0) beyond twelve bytes" }
        return [
            column(.bigint, nullStep: withNulls ? 1000 : 0) { $0.append(Int64($1)) },
            column(.varchar, nullStep: withNulls ? 501 : 0) { $0.append(text: texts[$1 % 37]) },
            column(.varchar, nullStep: 0) { $0.append(text: String($1)) },
            column(.integer, nullStep: 0) { $0.append(Int32($1 / 5000)) },
        ]
    }

    private static let (plain, withNulls) = (columns(withNulls: false), columns(withNulls: true))

    private func chunks(_ total: Int, _ shape: Shape) -> [DataChunk] {
        let dictionaries = shape == .dictionaries ? stride(from: 0, to: total, by: 60_000).compactMap { start in
            StringDictionary.build([RowPiecesTests.withNulls[1].slice(start..<min(RowPiecesTests.rowCount, start + 80_000))])
        } : []
        var chunks: [DataChunk] = []
        var start = 0
        while start < total {
            let end = min(total, start + 1 + (start * 7919) % DataChunk.capacity)
            let rows = start..<end
            var columns = RowPiecesTests.plain.map { $0.slice(rows) }
            if shape != .neighbours {
                columns = RowPiecesTests.withNulls.map { ColumnVector.concatenate([$0.slice(rows), $0.slice(0..<0)], type: $0.type) }
            }
            if shape == .dictionaries {
                let first = rows.lowerBound % 60_000
                columns[1] = dictionaries[rows.lowerBound / 60_000].slice(first..<first + rows.count)
            }
            if shape == .constants { columns[3] = .constant(.integer(7), type: .integer, count: rows.count) }
            chunks.append(DataChunk(columns: columns, rowCount: rows.count))
            start = end
        }
        return chunks
    }

    private func isEqual(_ left: ColumnVector, _ right: ColumnVector) -> Bool {
        let (a, b) = (left.flattened(), right.flattened())
        guard a.count == b.count else { return false }
        return (0..<a.count).allSatisfy { row in
            if a.isNull(row) || b.isNull(row) { return a.isNull(row) == b.isNull(row) }
            switch a.physical {
            case .string: return a.values(StringView.self)[row] == b.values(StringView.self)[row]
            case .int32: return a.values(Int32.self)[row] == b.values(Int32.self)[row]
            default: return a.values(Int64.self)[row] == b.values(Int64.self)[row]
            }
        }
    }

    @Test(arguments: [(0, 1), (1, 1), (3000, 7), (RowGroup.capacity, 1), (2 * RowGroup.capacity + 17, 2), (RowGroup.capacity + 999, 40)], Shape.allCases)
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
                for start in stride(from: 0, to: segment.rowCount, by: DataChunk.capacity) {
                    let rows = start..<min(segment.rowCount, start + DataChunk.capacity)
                    #expect(try isEqual(segment.decode(rows), known.decode(rows)))
                }
            }
        }
    }

    @Test func longNeighboursAreSharedAndShortOnesAreNot() throws {
        let long = RowPiecesTests.plain[0]
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
