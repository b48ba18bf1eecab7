import Testing
import ZLQuery

@testable import zlsql

@Suite("Boxes")
struct BoxRendererTests {
    private func result(_ sql: String) throws -> QueryResult { try Session(try Database()).execute(sql) }

    @Test("A box shows names, types and rows, numbers flush right")
    func plain() throws {
        let box = BoxRenderer().render(try result("SELECT * FROM (VALUES (1, 'one'), (20, NULL)) AS v(id, name)"))
        #expect(
            box == """
                ┌─────────┬─────────┐
                │   id    │  name   │
                │ INTEGER │ VARCHAR │
                ├─────────┼─────────┤
                │       1 │ one     │
                │      20 │ NULL    │
                └─────────┴─────────┘

                """)
    }

    @Test("An empty result says so")
    func empty() throws {
        let box = BoxRenderer().render(try result("SELECT * FROM (VALUES (1)) AS v(id) WHERE FALSE"))
        #expect(
            box == """
                ┌─────────┐
                │   id    │
                │ INTEGER │
                ├─────────┤
                │ 0 rows  │
                └─────────┘

                """)
    }

    @Test("A statement without rows draws nothing")
    func nothing() throws { #expect(BoxRenderer().render(try result("CREATE TABLE t (a INTEGER)")) == "") }

    @Test("Too many rows show the first and the last half, and the footer counts them")
    func rows() throws {
        let box = BoxRenderer(maximumRows: 4).render(try result("SELECT range AS i FROM range(100)"))
        let lines = box.split(separator: "\n")
        #expect(lines[4...8].map { $0.filter { $0.isNumber || $0 == "·" } } == ["0", "1", "·", "98", "99"])
        #expect(box.contains("100 rows (4 shown)"))
    }

    @Test("No line is wider than the terminal", arguments: [20, 30, 40, 60, 80, 120])
    func width(width: Int) throws {
        let wide = try result(
            "SELECT 'a long text that needs much room' AS first, 1 AS second, 'another rather long text' AS third, 2.5 AS fourth")
        for line in BoxRenderer(width: width).render(wide).split(separator: "\n") {
            #expect(TextWidth.of(String(line)) <= width, "\(line)")
        }
    }

    @Test("Columns that do not fit are left out of the middle and counted")
    func columns() throws {
        let names = (1...20).map { "\($0) AS column_\($0)" }.joined(separator: ", ")
        let box = BoxRenderer(width: 80).render(try result("SELECT \(names)"))
        #expect(box.contains("column_1 ") && box.contains("column_20"))
        #expect(!box.contains("column_10"))
        #expect(box.contains("20 columns ("))
    }

    @Test("Wide characters take two columns, marks none, and control characters are escaped")
    func characters() throws {
        #expect(TextWidth.of("abc") == 3)
        #expect(TextWidth.of("漢字") == 4)
        #expect(TextWidth.of("e\u{301}") == 1)
        #expect(TextWidth.cut("abcdef", to: 4) == "abc…")
        #expect(TextWidth.cut("漢字漢字", to: 4) == "漢…")
        let box = BoxRenderer().render(try result("SELECT 'two\nlines' AS t"))
        #expect(box.contains("two\\nlines"))
    }
}
