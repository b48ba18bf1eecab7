import ZLColumnar

/// Right rows of a join in the order of one bound, with a tree over the other: finds those whose bounds fit a left row without looking
/// at the rest.
///
/// It compares order words (`SortColumn`), which are equal for some values that are not: each row that fulfils the inequalities is found,
/// and rows that just miss them may be. Rows with a NULL bound fulfil none.
///
/// - Complexity: O(n log n) to make; O(log n + k log n) for k rows found, O(log n + k) with one bound
final class RangeIndex: Sendable {
    private let count: Int
    private let turns: [UInt64]
    private let left: [PhysicalExpression]
    /// Words of the first bound, ascending, and the rows they belong to.
    private let words: [UInt64]
    private let rows: [UInt32]
    private let isInRowOrder: Bool
    /// A binary tree of the second bound's least words: node i is over 2i and 2i + 1, the leaves are `leafCount...`. Empty for one bound.
    private let least: [UInt64]
    private let leafCount: Int

    init(_ conditions: RangeConditions, left leftLayout: ColumnLayout, right layout: ColumnLayout, _ columns: DataChunk) throws {
        count = columns.rowCount
        turns = conditions.turns
        left = try PhysicalExpression.all(conditions.left, leftLayout)
        let bounds = try PhysicalExpression.all(conditions.right, layout).map { try $0.evaluate(columns) }
        let keys = zip(bounds, turns).map { RangeIndex.words($0, turn: $1) }
        var order: [UInt32] = []
        order.reserveCapacity(count)
        for row in 0..<count where bounds.allSatisfy({ !$0.isNull(row) }) { order.append(UInt32(row)) }
        let first = keys[0]
        order.sort { (first[Int($0)], $0) < (first[Int($1)], $1) }
        rows = order
        words = order.map { first[Int($0)] }
        isInRowOrder = zip(order, order.dropFirst()).allSatisfy { $0 < $1 }
        var leaves = 1
        while leaves < order.count { leaves *= 2 }
        leafCount = leaves
        var tree: [UInt64] = []
        if keys.count == 2 {
            tree = [UInt64](repeating: .max, count: 2 * leaves)
            for (place, row) in order.enumerated() { tree[leaves + place] = keys[1][Int(row)] }
            for node in stride(from: leaves - 1, to: 0, by: -1) { tree[node] = min(tree[2 * node], tree[2 * node + 1]) }
        }
        least = tree
    }

    private static func words(_ column: ColumnVector, turn: UInt64) -> [UInt64] {
        let sorted = SortColumn(column, isDescending: false, nullsFirst: false)
        let words = sorted.words.values(UInt64.self)
        return (0..<column.count).map { words[$0] ^ turn }
    }

    /// Finds rows for the left rows of one chunk.
    func search(_ chunk: DataChunk) throws(ZLError) -> Search {
        var values: [ColumnVector] = []
        for expression in left { values.append(try expression.evaluate(chunk)) }
        return Search(index: self, values: values)
    }

    struct Search {
        private let index: RangeIndex
        private let values: [ColumnVector]
        private let words: [[UInt64]]
        /// The rows found for the last left row, ascending.
        private(set) var found: [UInt32] = []
        private var open: [Int] = []
        private var bits: [UInt64]

        fileprivate init(index: RangeIndex, values: [ColumnVector]) {
            self.index = index
            self.values = values
            words = zip(values, index.turns).map { RangeIndex.words($0, turn: $1) }
            bits = [UInt64](repeating: 0, count: index.isInRowOrder ? 0 : index.count / 64 + 1)
        }

        mutating func find(_ row: Int) {
            found.removeAll(keepingCapacity: true)
            for value in values where value.isNull(row) { return }
            let end = index.end(upTo: words[0][row])
            guard end > 0 else { return }
            if index.least.isEmpty {
                found.append(contentsOf: index.rows[..<end])
            } else {
                descend(to: end, words[1][row])
            }
            if !index.isInRowOrder { sortFound() }
        }

        /// Places below `end` whose second bound is at most `bound`, from left to right.
        private mutating func descend(to end: Int, _ bound: UInt64) {
            let (leafCount, levels) = (index.leafCount, index.leafCount.trailingZeroBitCount)
            open.append(1)
            while let node = open.popLast() {
                let depth = Int.bitWidth - 1 - node.leadingZeroBitCount
                let start = (node << (levels - depth)) - leafCount
                if start >= end || index.least[node] > bound { continue }
                if node >= leafCount {
                    found.append(index.rows[start])
                } else {
                    open.append(2 * node + 1)
                    open.append(2 * node)
                }
            }
        }

        /// Many rows are sorted by marking them in a map of all.
        private mutating func sortFound() {
            guard found.count > bits.count else { return found.sort() }
            for row in found { bits[Int(row) / 64] |= 1 << UInt64(row % 64) }
            found.removeAll(keepingCapacity: true)
            for place in bits.indices where bits[place] != 0 {
                var rest = bits[place]
                while rest != 0 {
                    found.append(UInt32(place * 64 + rest.trailingZeroBitCount))
                    rest &= rest - 1
                }
                bits[place] = 0
            }
        }
    }

    /// The number of rows whose first bound is at most a word.
    private func end(upTo word: UInt64) -> Int {
        var (low, high) = (0, words.count)
        while low < high {
            let middle = (low + high) / 2
            if words[middle] <= word { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
