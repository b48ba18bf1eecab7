import Testing

@testable import ZLColumnar

/// Rows cut into row groups as they come, against the rows themselves.
@Suite struct RowGroupStreamTests {
    private func chunk(_ rows: Range<Int>) -> DataChunk {
        let numbers = ColumnBuilder(type: .bigint)
        let texts = ColumnBuilder(type: .varchar)
        for row in rows {
            if row % 1000 == 3 { numbers.appendNull() } else { numbers.append(Int64(row)) }
            texts.append(text: "text \(row % 37) beyond twelve bytes")
        }
        return DataChunk(columns: [numbers.finish(), texts.finish()], rowCount: rows.count)
    }

    @Test(arguments: [0, 1, RowGroup.capacity, 5 * RowGroup.capacity + 17])
    func rowsKeepTheirOrder(total: Int) throws {
        var stream = RowGroupStream(types: [.bigint, .varchar], threads: 2)
        var chunks: [DataChunk] = []
        var start = 0
        while start < total {
            let end = min(total, start + 1 + (start * 7919) % DataChunk.capacity)
            chunks.append(chunk(start..<end))
            try stream.append(chunks[chunks.count - 1])
            start = end
        }
        let atOnce = try TableData(types: [.bigint, .varchar]).appending(chunks, threads: 1)
        for table in [try stream.finish(), atOnce] {
            #expect(table.rowCount == total)
            #expect(table.rowGroups.dropLast().allSatisfy { $0.rowCount == RowGroup.capacity })
            var row = 0
            var differing = 0
            for group in table.rowGroups {
                let columns = try group.columns()
                let texts = TextColumn(columns[1])
                for index in 0..<group.rowCount {
                    let isNull = row % 1000 == 3
                    let isRight = columns[0].isNull(index) == isNull && (isNull || columns[0].values(Int64.self)[index] == Int64(row))
                    let text = String(decoding: texts.bytes(index), as: UTF8.self)
                    if !isRight || text != "text \(row % 37) beyond twelve bytes" { differing += 1 }
                    row += 1
                }
            }
            #expect(row == total && differing == 0)
        }
    }
}
