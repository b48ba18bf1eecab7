import Synchronization
import Testing
import ZLColumnar

@Suite struct WorkerPoolTests {
    @Test(arguments: [0, 1, 2, 7, 1000], [1, 2, 5])
    func everyTaskRunsOnce(count: Int, threads: Int) throws {
        let hits = Mutex([Int](repeating: 0, count: count))
        try WorkerPool.shared.forEach(count: count, threads: threads) { index in hits.withLock { $0[index] += 1 } }
        #expect(hits.withLock { $0 } == [Int](repeating: 1, count: count))
    }

    @Test func theErrorOfTheLowestTaskIsThrown() {
        for _ in 0..<50 {
            let error = #expect(throws: ZLError.self) {
                try WorkerPool.shared.forEach(count: 100, threads: 2) { index in
                    if index >= 40 { throw ZLError(.execution, "task", "task \(index)") }
                }
            }
            #expect(error?.message == "task 40")
        }
    }

    @Test func aNestedCallRunsSerially() throws {
        let sum = Atomic<Int>(0)
        try WorkerPool.shared.forEach(count: 4, threads: 2) { outer in
            try WorkerPool.shared.forEach(count: 4, threads: 2) { inner in
                sum.wrappingAdd(outer * 4 + inner, ordering: .relaxed)
            }
        }
        #expect(sum.load(ordering: .relaxed) == 120)
    }
}
