import ZLColumnar

/// Predicates that must all be true, as filters and scans apply them.
///
/// Comparisons of columns with columns and constants cannot fail, so they see all rows and their outcomes are combined as bytes;
/// each of the others, in the order written, sees only the rows that are still open.
struct Conjunction: Sendable {
    private let comparisons: [PhysicalExpression]
    private let others: [PhysicalExpression]

    init(_ predicates: [PhysicalExpression]) {
        var parts: [PhysicalExpression] = []
        for predicate in predicates {
            if case .and(let operands) = predicate { parts += operands } else { parts.append(predicate) }
        }
        comparisons = parts.filter(\.isComparison)
        others = parts.filter { !$0.isComparison }
    }

    /// The rows for which all are true; nil where these are all rows.
    func rows(of chunk: DataChunk) throws(ZLError) -> Selection? {
        let count = chunk.rowCount
        var kept: Selection?
        if !comparisons.isEmpty {
            var outcomes: [ColumnVector] = []
            for comparison in comparisons { outcomes.append(try comparison.evaluate(chunk)) }
            let selection = Selection(whereAllTrue: outcomes, count: count)
            if selection.count < count { kept = selection }
        }
        for predicate in others {
            if kept?.count == 0 { break }
            let open = kept.map { chunk.gather($0.rows, count: $0.count) } ?? chunk
            let passing = Selection(whereTrue: try predicate.evaluate(open))
            if passing.count < open.rowCount { kept = kept.map { $0.narrowed(by: passing) } ?? passing }
        }
        return kept
    }
}

extension PhysicalExpression {
    /// Compares columns and constants: cheap, and cannot fail.
    fileprivate var isComparison: Bool {
        guard case .call(let call, let arguments, _) = self else { return false }
        guard ["=", "!=", "<", "<=", ">", ">="].contains(call.function.description.name) else { return false }
        return arguments.allSatisfy {
            switch $0 {
            case .column, .constant: true
            default: false
            }
        }
    }
}

extension Selection {
    /// Rows where every one of the BOOLEAN vectors is true.
    convenience init(whereAllTrue vectors: [ColumnVector], count: Int) {
        guard vectors.count > 1 || count == 0 else {
            self.init(whereTrue: vectors[0])
            return
        }
        let buffer = Buffer(byteCount: max(16, count))
        let flags = buffer.values(UInt8.self)
        flags.update(repeating: 1, count: count)
        for vector in vectors {
            let flat = vector.flattened()
            let source = flat.values(UInt8.self)
            for row in 0..<count { flags[row] &= source[row] }
            if let validity = flat.validity {
                for row in 0..<count where !validity.isValid(row) { flags[row] = 0 }
            }
            withExtendedLifetime(flat) {}
        }
        self.init(whereTrue: ColumnVector(type: .boolean, count: count, buffer: buffer))
    }

    /// The rows of this selection at the places of another one.
    func narrowed(by places: Selection) -> Selection {
        let result = Selection(capacity: places.count)
        for index in 0..<places.count { result.append(rows[Int(places.rows[index])]) }
        return result
    }
}
