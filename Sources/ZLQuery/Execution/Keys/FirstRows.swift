import ZLColumnar

/// Numbers of groups and where the first row of each stands, ascending.
struct FirstRows {
    private(set) var numbers = Buffer(byteCount: 4 * DataChunk.capacity)
    private(set) var rows = Buffer(byteCount: 8 * DataChunk.capacity)
    /// Whoever writes into the buffers says how many there are.
    var count = 0

    /// Makes room for so many more.
    mutating func makeRoom(_ more: Int) {
        guard (count + more) * 8 > rows.byteCount else { return }
        let capacity = 2 * count + more
        let (moreNumbers, moreRows) = (Buffer(byteCount: capacity * 4), Buffer(byteCount: capacity * 8))
        moreNumbers.address.copyMemory(from: numbers.address, byteCount: count * 4)
        moreRows.address.copyMemory(from: rows.address, byteCount: count * 8)
        (numbers, rows) = (moreNumbers, moreRows)
    }

    /// The groups of several tables in the order of their first rows, each once.
    ///
    /// - Parameter groupCount: above every number.
    /// - Complexity: O(groups of all lists * lists)
    static func merged(_ lists: [FirstRows], groupCount: Int) -> (order: Buffer, count: Int) {
        let order = Buffer(byteCount: max(16, groupCount * 4))
        let taken = Buffer(byteCount: max(16, groupCount))
        taken.zero()
        let (target, isTaken) = (order.values(UInt32.self), taken.values(UInt8.self))
        var heads = [Int](repeating: 0, count: lists.count)
        var count = 0
        while true {
            var (first, list) = (UInt64.max, -1)
            for index in lists.indices where heads[index] < lists[index].count {
                let row = lists[index].rows.values(UInt64.self)[heads[index]]
                if row < first { (first, list) = (row, index) }
            }
            guard list >= 0 else { break }
            // why: what comes before the other lists' next row is taken in one go
            var end = UInt64.max
            for index in lists.indices where index != list && heads[index] < lists[index].count {
                end = min(end, lists[index].rows.values(UInt64.self)[heads[index]])
            }
            let (numbers, rows, last) = (lists[list].numbers.values(UInt32.self), lists[list].rows.values(UInt64.self), lists[list].count)
            var place = heads[list]
            while place < last, rows[place] < end {
                let number = numbers[place]
                if isTaken[Int(number)] == 0 {
                    isTaken[Int(number)] = 1
                    target[count] = number
                    count += 1
                }
                place += 1
            }
            heads[list] = place
        }
        withExtendedLifetime(taken) {}
        return (order, count)
    }
}
