import Testing

@testable import ZLQuery

@Suite("Keys over many statements") struct KeyTests {
    /// Rows of a table with two keys as a list, under the same statements.
    private struct Model {
        var rows: [(id: Int, tag: Int?)] = []

        func conflicts(_ id: Int, _ tag: Int?) -> Bool { rows.contains { $0.id == id || ($0.tag == tag && tag != nil) } }
    }

    @Test("Inserts one by one, with updates, deletes and rollbacks between them, keep keys unique as a list does", arguments: 1...4)
    func randomStatements(seed: Int) throws {
        let database = try Database()
        let session = Session(database)
        let other = Session(database)
        try session.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, tag VARCHAR UNIQUE)")
        var state = UInt64(seed)
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var model = Model()
        var saved: Model?
        for _ in 0..<400 {
            let (id, tag) = (random(60), random(4) == 0 ? nil : random(80))
            let text = tag.map { "'a long tag of number \($0)'" } ?? "NULL"
            switch random(12) {
            case 0:
                try session.execute("DELETE FROM t WHERE id = \(id)")
                model.rows.removeAll { $0.id == id }
            case 1:
                let clashes = model.rows.contains { $0.id != id && $0.tag == tag && tag != nil }
                let exists = model.rows.contains { $0.id == id }
                let failed = (try? session.execute("UPDATE t SET tag = \(text) WHERE id = \(id)")) == nil
                #expect(failed == (clashes && exists))
                if !failed { for index in model.rows.indices where model.rows[index].id == id { model.rows[index].tag = tag } }
            case 2 where saved == nil:
                try session.execute("BEGIN")
                saved = model
            case 3:
                guard let before = saved else { continue }
                try session.execute("ROLLBACK")
                (model, saved) = (before, nil)
            case 4 where saved == nil:
                #expect(((try? other.execute("INSERT INTO t VALUES (\(id), \(text))")) == nil) == model.conflicts(id, tag))
                if !model.conflicts(id, tag) { model.rows.append((id, tag)) }
            case 5:
                let count = try session.execute("INSERT OR IGNORE INTO t VALUES (\(id), \(text)), (\(id + 1), \(text))").changedRowCount
                let before = model.rows.count
                if !model.conflicts(id, tag) { model.rows.append((id, tag)) }
                if !model.conflicts(id + 1, tag) { model.rows.append((id + 1, tag)) }
                #expect(count == model.rows.count - before)
            default:
                #expect(((try? session.execute("INSERT INTO t VALUES (\(id), \(text))")) == nil) == model.conflicts(id, tag))
                if !model.conflicts(id, tag) { model.rows.append((id, tag)) }
            }
            let found = try session.execute("SELECT count(*), count(DISTINCT id) FROM t")
            #expect(found.text(row: 0, column: 0) == "\(model.rows.count)" && found.text(row: 0, column: 1) == "\(model.rows.count)")
        }
    }

    @Test("A table that takes the place of another begins without keys")
    func replacedTable() throws {
        let session = Session(try Database())
        try session.execute("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t SELECT 1 WHERE false; INSERT INTO t VALUES (1)")
        try session.execute("CREATE OR REPLACE TABLE t (id VARCHAR PRIMARY KEY); INSERT INTO t VALUES ('1')")
        #expect(throws: ZLError.self) { try session.execute("INSERT INTO t VALUES ('1')") }
        #expect(try session.execute("SELECT count(*) FROM t").text(row: 0, column: 0) == "1")
    }
}
