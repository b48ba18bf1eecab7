import Testing
import ZLQuery

@Suite("Rows where a condition is true")
struct SelectionTests {
    @Test("All rows, none, all but one, and some are kept, at every length around those of vectors and words")
    func kept() throws {
        let session = Session(try Database())
        for count in [0, 1, 2, 7, 8, 9, 63, 64, 65, 2047, 2048, 2049, 5000] {
            for odd in [-1, 0, 1, count / 2, count - 1] {
                for (condition, isKept) in [("i = \(odd)", { $0 != odd }), ("i <> \(odd)", { $0 == odd }), ("i % 3 = 1", { $0 % 3 != 1 })] as [(String, (Int) -> Bool)] {
                    let result = try session.execute("""
                        SELECT i FROM range(\(count)) AS r(i) WHERE isfinite(CASE WHEN \(condition) THEN 'inf'::DOUBLE ELSE i END)
                        """)
                    let found = (0..<result.rowCount).map { result.cell(row: $0, column: 0) }
                    #expect(found == (0..<count).filter(isKept).map { .integer(Int128($0)) }, "\(count) rows, \(condition)")
                }
            }
        }
    }
}
