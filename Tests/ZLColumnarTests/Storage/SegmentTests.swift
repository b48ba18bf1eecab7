import Testing

@testable import ZLColumnar

@Suite struct SegmentTests {
    /// Reading or packing of rows in memory encodes them; nobody may see that, in the rows or in the file's bytes.
    @Test(arguments: [DataType.integer, .bigint, .double, .date, .varchar], SegmentEncodingTests.Nulls.allCases)
    func theFirstReadingChangesNeitherRowsNorBytes(type: DataType, nulls: SegmentEncodingTests.Nulls) throws {
        for kind in 0..<4 {
            for count in [1, 2047, 2048, 5000] {
                let column = SegmentEncodingTests.column(type, kind, nulls, count)
                let (fresh, read) = (Segment(column), Segment(column))
                let expected = (0..<count).map { SegmentEncodingTests.bits(column.value(at: $0)) }
                for _ in 0..<2 {
                    let rows = try read.decode(0..<count)
                    #expect((0..<count).map { SegmentEncodingTests.bits(rows.value(at: $0)) } == expected, "kind \(kind), \(count) rows")
                }
                #expect(read.zone == fresh.zone)
                #expect(try read.zones() == fresh.zones())
                let (again, unread) = (try read.encoded(), try fresh.encoded())
                #expect(Array(again.bytes) == Array(unread.bytes), "kind \(kind), \(count) rows")
                let cut = count / 3
                let packed = try Segment(packing: [column.slice(0..<cut), column.slice(cut..<count)], type: type).encoded()
                #expect(Array(packed.bytes) == Array(unread.bytes), "kind \(kind), \(count) rows")
                withExtendedLifetime((again, unread, packed)) {}
            }
        }
    }
}
