import Testing
import ZLColumnar

@testable import ZLQuery

/// Grouping by texts of which all row groups share a dictionary, against a twin that walks over all rows.
@Suite("Texts grouped by their codes")
struct TextCodesTests {
    /// Rows of several row groups, and so many texts that no row group has a dictionary of its own.
    private static let (rowCount, distinct) = (300_000, 36_000)

    private struct Row {
        var text: String?
        var a: Int
        var x: Double { Double(a) / 7 }
    }

    /// NULL, the empty text, short texts and long ones that begin alike.
    private static func text(_ row: Int) -> String? {
        if row % 101 == 3 { return nil }
        let key = (row * 7919 + row / 1000) % distinct
        return key == 5 ? "" : key % 3 == 0 ? "a long text that begins alike \(key)" : "k\(key)"
    }

    private static func rows() -> [Row] { (0..<rowCount).map { Row(text: text($0), a: $0 * 31 % 977 - 400) } }

    private static func session(threads: Int) throws -> Session {
        let session = Session(try Database())
        try session.execute("SET threads = \(threads)")
        try session.execute("""
            CREATE TABLE t AS SELECT i, CASE WHEN i % 101 <> 3 THEN CASE WHEN k = 5 THEN '' WHEN k % 3 = 0
              THEN 'a long text that begins alike ' || k ELSE 'k' || k END END AS s, i * 31 % 977 - 400 AS a
            FROM (SELECT i, (i * 7919 + i // 1000) % \(distinct) AS k FROM range(\(rowCount)) AS r(i))
            """)
        return session
    }

    private static func groups(_ rows: [Row]) -> [(text: String?, rows: [Row])] {
        var (places, groups): ([String?: Int], [(text: String?, rows: [Row])]) = ([:], [])
        for row in rows {
            if let place = places[row.text] {
                groups[place].rows.append(row)
            } else {
                places[row.text] = groups.count
                groups.append((row.text, [row]))
            }
        }
        return groups
    }

    private static func value(_ text: String?) -> Value { text.map { .string($0) } ?? .null }

    /// Compares every kind of aggregation with what a walk over the rows gives.
    private static func check(_ session: Session, _ rows: [Row]) throws {
        let groups = groups(rows)
        let sums = try session.rows("SELECT s, count(*), sum(a) FROM t GROUP BY s")
        let expectedSums: [[Value]] = groups.map { text, rows in
            let sum = rows.reduce(0) { $0 + $1.a }
            return [value(text), .integer(Int128(rows.count)), .integer(Int128(sum))]
        }
        #expect(sums == expectedSums)
        let ranges = try session.rows("SELECT s, max(a) - min(a), min(s) FROM t GROUP BY s")
        let expectedRanges: [[Value]] = groups.map { text, rows in
            let values = rows.map(\.a)
            let range = (values.max() ?? 0) - (values.min() ?? 0)
            return [value(text), .integer(Int128(range)), value(text)]
        }
        #expect(ranges == expectedRanges)
        let distinct = groups.filter { $0.text != nil }.count
        #expect(try session.rows("SELECT count(DISTINCT s) FROM t") == [[Value.integer(Int128(distinct))]])
        let sets = try session.rows("SELECT s, count(*) FROM t GROUP BY GROUPING SETS ((s), ())")
        let whole: [Value] = [.null, .integer(Int128(rows.count))]
        #expect(sets.count == groups.count + 1)
        #expect(sets.last == whole)
        let pairs = try session.rows("SELECT count(*), sum(n) FROM (SELECT s, a % 2 AS b, count(*) AS n FROM t GROUP BY s, b)")
        let expected = Set(rows.map { "\($0.text ?? "NULL")|\($0.a % 2)|\($0.text == nil)" }).count
        #expect(pairs == [[Value.integer(Int128(expected)), Value.integer(Int128(rows.count))]])
    }

    @Test("table of results, then changed", arguments: [1, 2])
    func changed(threads: Int) throws {
        let session = try Self.session(threads: threads)
        var rows = Self.rows()
        try Self.check(session, rows)
        try Self.check(session, rows)
        try session.execute("INSERT INTO t VALUES (\(Self.rowCount), 'k1', 12), (\(Self.rowCount + 1), 'a text that was not there', 13)")
        rows += [Row(text: "k1", a: 12), Row(text: "a text that was not there", a: 13)]
        try Self.check(session, rows)
        try session.execute("UPDATE t SET s = 'changed' WHERE i % 1000 = 7")
        for row in rows.indices where row % 1000 == 7 { rows[row].text = "changed" }
        try Self.check(session, rows)
        try session.execute("DELETE FROM t WHERE i % 7 = 2")
        rows = rows.enumerated().filter { $0.offset % 7 != 2 }.map(\.element)
        try Self.check(session, rows)
        let kept = try session.rows("SELECT s FROM t WHERE s > 'k9' ORDER BY s, i LIMIT 2000")
        let behind = rows.compactMap(\.text).filter { "k9".utf8.lexicographicallyPrecedes($0.utf8) }
        let sorted = behind.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        #expect(kept == sorted.prefix(2000).map { [Value.string($0)] })
    }

    @Test("floating sums have the bits that other keys give", arguments: [1, 2])
    func floating(threads: Int) throws {
        let session = try Self.session(threads: threads)
        // why: an expression is no column, so its texts are looked up one by one
        let query = "SELECT %, sum(a / 7.0e0), avg(CAST(a AS DOUBLE)), stddev(a * 1.1e0) FROM t GROUP BY %"
        let byCode = try session.rows(query.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "s"))
        let byText = try session.rows(query.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "s || ''"))
        #expect(byCode == byText)
        #expect(byCode.count == Self.groups(Self.rows()).count)
    }

    @Test("the dictionary is one object, and grows behind", arguments: [1, 2, 3])
    func dictionary(threads: Int) throws {
        let types: [DataType] = [.varchar]
        func chunk(_ rows: Range<Int>) -> DataChunk {
            let builder = ColumnBuilder(type: .varchar, capacity: rows.count)
            for row in rows { builder.append(value: Self.value(Self.text(row))) }
            return DataChunk(columns: [builder.finish()], rowCount: rows.count)
        }
        func check(_ data: TableData, _ dictionary: ColumnVector) throws {
            var place = 0
            for group in data.rowGroups {
                let column = try group.segments[0].decode(0..<group.rowCount)
                #expect(column.form == .dictionary && column.dictionary === dictionary)
                for row in 0..<column.count where column.value(at: row) != Self.value(Self.text(place + row)) {
                    return #expect(column.value(at: row) == Self.value(Self.text(place + row)))
                }
                place += group.rowCount
            }
            #expect(place == data.rowCount)
        }
        let data = try TableData(types: types).appending([chunk(0..<290_000)])
        let segments = data.rowGroups.map { $0.segments[0] }
        let before = try segments[0].decode(0..<1000)
        let zones = try segments[0].zones()
        let found = try #require(try SharedTexts.dictionary(of: segments, threads: threads))
        #expect(found.count == Set((0..<290_000).compactMap { Self.text($0) }).count)
        try check(data, found)
        #expect(before.form == .flat && before.value(at: 7) == Self.value(Self.text(7)))
        #expect(try segments[0].zones() == zones)
        #expect(try SharedTexts.dictionary(of: segments, threads: threads) === found)
        let more = try data.appending([chunk(290_000..<Self.rowCount)])
        let grown = try #require(try SharedTexts.dictionary(of: more.rowGroups.map { $0.segments[0] }, threads: threads))
        try check(more, grown)
        for code in 0..<found.count where found.value(at: code) != grown.value(at: code) {
            return #expect(found.value(at: code) == grown.value(at: code))
        }
    }

    @Test("texts that are too many or too few stay as they are")
    func apart() throws {
        for distinct in [50, 60_000] {
            let session = Session(try Database())
            try session.execute("CREATE TABLE t AS SELECT 'k' || (i * 7919 % \(distinct)) AS s, 1 AS a FROM range(130_000) AS r(i)")
            for _ in 0..<2 {
                let found = try session.rows("SELECT s, sum(a) FROM t GROUP BY s")
                #expect(found.count == distinct)
                let least = Int128(130_000 / distinct)
                #expect(found.allSatisfy { $0[1] == Value.integer(least) || $0[1] == Value.integer(least + 1) })
            }
        }
    }
}
