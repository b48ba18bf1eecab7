/// One column in pieces that lie in several places, or have several dictionaries.
struct PiecedColumn: Sendable {
    let pieces: [ColumnVector]
    /// The first row of each piece, and the number of rows.
    private let starts: [Int]

    init(_ pieces: [ColumnVector]) {
        self.pieces = pieces
        starts = pieces.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }

    var count: Int { starts[pieces.count] }

    /// The rows of `range`; they share the memory of the piece where they lie in one.
    ///
    /// - Complexity: O(log pieces), and O(rows) for rows of several pieces.
    func rows(_ range: Range<Int>, type: DataType) -> ColumnVector {
        if pieces.count == 1 { return pieces[0].slice(range) }
        let found = pieces(of: range)
        return found.isEmpty ? .nulls(type, count: 0).flattened() : ColumnVector.concatenateKeepingForm(found)
    }

    /// The rows of `range`, cut where the pieces end.
    func pieces(of range: Range<Int>) -> [ColumnVector] {
        var found: [ColumnVector] = []
        var index = piece(holding: range.lowerBound)
        while index < pieces.count, starts[index] < range.upperBound {
            let first = max(0, range.lowerBound - starts[index])
            let end = min(pieces[index].count, range.upperBound - starts[index])
            if first < end { found.append(pieces[index].slice(first..<end)) }
            index += 1
        }
        return found
    }

    /// The last piece that begins at `row` or before.
    private func piece(holding row: Int) -> Int {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 1)
    }
}
