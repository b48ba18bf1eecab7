import ZLColumnar

/// Sorts row numbers by several keys; rows with equal keys keep their order.
struct SortOrder {
    private let keys: [SortColumn]
    private let count: Int

    private init(_ inputs: [SortInput], count: Int) {
        keys = inputs.map(\.words)
        self.count = count
    }

    /// The row numbers in order; nil where the rows are in order already.
    ///
    /// Keys that fit one word are packed and sorted as such. For others see `permutation`.
    static func permutation(_ inputs: [SortInput], count: Int, threads: Int) throws -> Buffer? {
        let first = min(count, SortOrder.firstRows)
        let start = SortOrder(first < count ? inputs.map { $0.slice(0..<first) } : inputs, count: first)
        if case .neither = start.standing, count >= SortOrder.leastRadixRows,
            let fields = try SortFields(inputs, count: count, threads: threads),
            let order = try PackedSort(fields, count: count, threads: threads)?.order()
        { return order }
        return try (first < count ? SortOrder(inputs, count: count) : start).permutation(threads: threads)
    }

    /// So many rows tell whether all may be in order.
    private static let firstRows = 4096

    @inline(__always)
    private func compare(_ a: Int, _ b: Int) -> Int {
        for key in keys {
            let order = key.compare(a, b)
            if order != 0 { return order }
        }
        return 0
    }

    /// How the rows stand already.
    private enum Standing { case ascending, descending, neither }

    /// - Complexity: O(rows * keys), less where the first rows tell.
    private var standing: Standing {
        var rises = false
        var falls = false
        for row in stride(from: 1, to: count, by: 1) {
            let order = compare(row - 1, row)
            if order < 0 { rises = true } else if order > 0 { falls = true }
            if rises && falls { return .neither }
        }
        return falls ? .descending : .ascending
    }

    /// The row numbers in order; nil where the rows are in order already.
    ///
    /// Rows in falling order are turned around. Keys whose words say all, and text with few different values, are sorted by radix in
    /// O(rows * bytes that differ); other text by O(n log n) compares, both halves at once where there are two threads.
    private func permutation(threads: Int) throws -> Buffer? {
        switch standing {
        case .ascending: return nil
        case .descending: return turned()
        case .neither: break
        }
        if count >= SortOrder.leastRadixRows, let parts = SortPart.all(of: keys, count: count) {
            return try radixSorted(parts, threads: threads)
        }
        return try merged(threads: threads)
    }

    private static let leastRadixRows = 256

    /// The rows from the last to the first, rows with equal keys in their order.
    private func turned() -> Buffer {
        let order = Buffer(byteCount: count * 4)
        let rows = order.values(UInt32.self)
        var target = 0
        var end = count
        while end > 0 {
            var start = end - 1
            while start > 0, compare(start - 1, start) == 0 { start -= 1 }
            for row in start..<end {
                rows[target] = UInt32(row)
                target += 1
            }
            end = start
        }
        return order
    }

    /// Sorts by groups of parts that fit one word, the last group first; each sort keeps the order of the one before.
    private func radixSorted(_ parts: [SortPart], threads: Int) throws -> Buffer {
        var rows = Buffer(byteCount: count * 4)
        let numbers = rows.values(UInt32.self)
        for row in 0..<count { numbers[row] = UInt32(row) }
        for group in SortPart.groups(parts).reversed() {
            let keys = try SortPart.packed(group, rows: rows, count: count, threads: threads)
            if SortOrder.isAscending(keys.values(UInt64.self), count) { continue }
            var sort = RadixSort(keys: keys, rows: rows, count: count, threads: threads)
            rows = try sort.sorted(bits: group.reduce(0) { $0 + $1.bits })
        }
        return rows
    }

    private static func isAscending(_ words: UnsafePointer<UInt64>, _ count: Int) -> Bool {
        for row in 1..<count where words[row] < words[row - 1] { return false }
        return true
    }

    private func merged(threads: Int) throws -> Buffer {
        let first = Buffer(byteCount: count * 4)
        let second = Buffer(byteCount: count * 4)
        let rows = first.values(UInt32.self)
        for row in 0..<count { rows[row] = UInt32(row) }
        if threads > 1, count > 100_000 {
            let half = count / 2
            let sorter = Sorter(order: self, rows: rows, scratch: second.values(UInt32.self))
            try WorkerPool.shared.forEach(count: 2, threads: threads) { part in
                part == 0 ? sorter.sort(0, half) : sorter.sort(half, sorter.order.count)
            }
            sorter.merge(0, half, count)
        } else {
            Sorter(order: self, rows: rows, scratch: second.values(UInt32.self)).sort(0, count)
        }
        return first
    }

    /// Stable merge sort with insertion sort below 16 rows.
    private struct Sorter: @unchecked Sendable {  // proof: two threads sort disjoint ranges of rows and scratch
        let order: SortOrder
        let rows: UnsafeMutablePointer<UInt32>
        let scratch: UnsafeMutablePointer<UInt32>

        private static let insertionLimit = 16

        func sort(_ start: Int, _ end: Int) {
            if end - start <= Sorter.insertionLimit { return insertionSort(start, end) }
            let middle = start + (end - start) / 2
            sort(start, middle)
            sort(middle, end)
            merge(start, middle, end)
        }

        private func insertionSort(_ start: Int, _ end: Int) {
            guard end - start > 1 else { return }
            for index in (start + 1)..<end {
                let row = rows[index]
                var place = index
                while place > start, order.compare(Int(rows[place - 1]), Int(row)) > 0 {
                    rows[place] = rows[place - 1]
                    place -= 1
                }
                rows[place] = row
            }
        }

        func merge(_ start: Int, _ middle: Int, _ end: Int) {
            if order.compare(Int(rows[middle - 1]), Int(rows[middle])) <= 0 { return }
            (scratch + start).update(from: rows + start, count: middle - start)
            var left = start
            var right = middle
            var target = start
            while left < middle, right < end {
                if order.compare(Int(rows[right]), Int(scratch[left])) < 0 {
                    rows[target] = rows[right]
                    right += 1
                } else {
                    rows[target] = scratch[left]
                    left += 1
                }
                target += 1
            }
            while left < middle {
                rows[target] = scratch[left]
                left += 1
                target += 1
            }
        }
    }
}
