import ZLColumnar

/// CASE and its relatives.
enum Conditionals {
    /// The first branch whose condition is true decides. Conditions and results are evaluated for the rows that reach them.
    static func evaluate(
        _ branches: [(condition: PhysicalExpression, result: PhysicalExpression)], otherwise: PhysicalExpression?,
        type: DataType, _ chunk: DataChunk
    ) throws(ZLError) -> ColumnVector {
        let count = chunk.rowCount
        /// For each row, where its value stands in the concatenation of the branches' results.
        let place = Buffer(byteCount: max(16, count * 4))
        let places = place.values(UInt32.self)
        places.update(repeating: ColumnVector.noRow, count: count)
        var results: [ColumnVector] = []
        var offset = 0
        var open = Selection(all: count)

        func take(_ result: PhysicalExpression, _ rows: Selection) throws(ZLError) {
            guard rows.count > 0 else { return }
            let input = rows.count == count ? chunk : chunk.gather(rows.rows, count: rows.count)
            results.append(try result.evaluate(input))
            for index in 0..<rows.count { places[Int(rows.rows[index])] = UInt32(offset + index) }
            offset += rows.count
        }

        for branch in branches where open.count > 0 {
            let input = open.count == count ? chunk : chunk.gather(open.rows, count: open.count)
            let chosen = Selection(whereTrue: try branch.condition.evaluate(input))
            if chosen.count == count, results.isEmpty { return try branch.result.evaluate(chunk) }
            let taken = Selection(capacity: chosen.count)
            let rest = Selection(capacity: open.count)
            var next = 0
            for index in 0..<open.count {
                if next < chosen.count, Int(chosen.rows[next]) == index {
                    taken.append(open.rows[index])
                    next += 1
                } else {
                    rest.append(open.rows[index])
                }
            }
            try take(branch.result, taken)
            open = rest
        }
        if let otherwise {
            if open.count == count, results.isEmpty { return try otherwise.evaluate(chunk) }
            try take(otherwise, open)
        }
        if results.isEmpty { return .nulls(type, count: count) }
        return ColumnVector.concatenate(results, type: type).gather(places, count: count, allowsMissing: true)
    }
}
