import ZLColumnar

extension Session {
    func begin(_ range: Range<Int>) throws(ZLError) -> QueryResult {
        guard !isInTransaction else {
            throw ZLError(.execution, "transaction_open", "a transaction is open already", hint: "COMMIT or ROLLBACK ends it", range: range)
        }
        isInTransaction = true
        return QueryResult()
    }

    func commit(_ range: Range<Int>) throws(ZLError) -> QueryResult {
        try requireTransaction("COMMIT", range)
        // why: `atomically` commits the catalog of a statement that leaves no transaction open.
        isInTransaction = false
        return QueryResult()
    }

    func rollback(_ range: Range<Int>) throws(ZLError) -> QueryResult {
        try requireTransaction("ROLLBACK", range)
        isInTransaction = false
        discardChanges()
        return QueryResult()
    }

    private func requireTransaction(_ statement: String, _ range: Range<Int>) throws(ZLError) {
        guard isInTransaction else {
            throw ZLError(.execution, "no_transaction", "\(statement) without an open transaction", hint: "BEGIN opens one", range: range)
        }
    }

    func checkpoint(_ name: Identifier?) throws(ZLError) -> QueryResult {
        if let name { throw ZLError.notYet("CHECKPOINT of another database", range: name.range) }
        guard !isInTransaction else {
            throw ZLError(.execution, "transaction_open", "CHECKPOINT cannot run inside a transaction")
        }
        try database.checkpoint()
        return QueryResult()
    }
}
