;; A module of raw ABI 1 for the tests of the host: it does what it is told.
;;
;; `evaluate` looks at the first byte of its input:
;;   !  unreachable            /  divides by zero       @  runs for ever
;;   ~  calls itself for ever  +  wants a gigabyte, and traps when it gets none
;;   -  wants a gigabyte, and answers all the same
;;   >  an answer that begins outside the memory        ]  one that ends outside
;;   ^  an answer that is not UTF-8                     0  an answer of no bytes
;;   #  how many calls this instance has had, as a digit
;;   &  an answer that `dealloc` traps on
;; and gives anything else back as its answer.
;;
;; `configure` refuses settings that begin with `!`, traps on `@`, answers with
;; no JSON on `?`, and keeps the others. `review` answers with the settings in
;; force, or `null`.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "{\"valid\":true,\"errors\":[]}")
  (data (i32.const 64) "{\"valid\":false,\"errors\":[{\"path\":\"/platform\",\"message\":\"no such platform\"},{\"path\":\"\",\"message\":\"too short\"}]}")
  (data (i32.const 256) "null")
  (data (i32.const 264) "a\ff")
  (data (i32.const 272) "0")

  (global $top (mut i32) (i32.const 1024))
  (global $calls (mut i32) (i32.const 0))
  (global $settings (mut i64) (i64.const 0))

  (func (export "transom_abi") (result i32) (i32.const 1))

  ;; A stack: only the newest buffer can be given back.
  (func $alloc (export "alloc") (param $len i32) (result i32)
    (local $ptr i32) (local $end i32)
    (local.set $ptr (global.get $top))
    (local.set $end (i32.add (local.get $ptr) (local.get $len)))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eq (i32.const -1)
              (memory.grow (i32.add (i32.const 1) (i32.shr_u (local.get $len) (i32.const 16)))))
          (then (return (i32.const 0))))))
    (global.set $top (local.get $end))
    (local.get $ptr))

  (func (export "dealloc") (param $ptr i32) (param $len i32)
    (if (i32.eq (i32.const 2048) (local.get $ptr)) (then unreachable))
    (if (i32.eq (global.get $top) (i32.add (local.get $ptr) (local.get $len)))
      (then (global.set $top (local.get $ptr)))))

  (func $answer (param $ptr i32) (param $len i32) (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $ptr)) (i64.const 32))
      (i64.extend_i32_u (local.get $len))))

  (func (export "configure") (param $ptr i32) (param $len i32) (result i64)
    (local $first i32)
    (local.set $first (i32.load8_u (local.get $ptr)))
    (if (i32.eq (local.get $first) (i32.const 33)) ;; !
      (then (return (call $answer (i32.const 64) (i32.const 110)))))
    (if (i32.eq (local.get $first) (i32.const 64)) (then unreachable)) ;; @
    (if (i32.eq (local.get $first) (i32.const 63)) ;; ?
      (then (return (call $answer (local.get $ptr) (local.get $len)))))
    (global.set $settings (call $answer (local.get $ptr) (local.get $len)))
    (call $answer (i32.const 16) (i32.const 26)))

  (func (export "review") (param $ptr i32) (param $len i32) (result i64)
    (if (i64.eqz (global.get $settings))
      (then (return (call $answer (i32.const 256) (i32.const 4)))))
    (global.get $settings))

  (func $for_ever (param i64) (result i64)
    (i64.add (i64.const 1) (call $for_ever (local.get 0))))

  (func (export "evaluate") (param $ptr i32) (param $len i32) (result i64)
    (local $first i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (i32.eqz (local.get $len)) (then (return (call $answer (i32.const 0) (i32.const 0)))))
    (local.set $first (i32.load8_u (local.get $ptr)))
    (if (i32.eq (local.get $first) (i32.const 33)) (then unreachable)) ;; !
    (if (i32.eq (local.get $first) (i32.const 47)) ;; /
      (then (drop (i32.div_u (local.get $len) (i32.const 0)))))
    (if (i32.eq (local.get $first) (i32.const 64)) (then (loop $again (br $again)))) ;; @
    (if (i32.eq (local.get $first) (i32.const 126)) ;; ~
      (then (return (call $for_ever (i64.const 0)))))
    (if (i32.eq (local.get $first) (i32.const 43)) ;; +
      (then
        (if (i32.eq (i32.const -1) (memory.grow (i32.const 16384))) (then unreachable))))
    (if (i32.eq (local.get $first) (i32.const 45)) ;; -
      (then (drop (memory.grow (i32.const 16384)))))
    (if (i32.eq (local.get $first) (i32.const 62)) ;; >
      (then (return (call $answer (i32.const 0xffffffff) (i32.const 0xffffffff)))))
    (if (i32.eq (local.get $first) (i32.const 93)) ;; ]
      (then (return (call $answer (i32.const 65530) (i32.const 7)))))
    (if (i32.eq (local.get $first) (i32.const 94)) ;; ^
      (then (return (call $answer (i32.const 264) (i32.const 2)))))
    (if (i32.eq (local.get $first) (i32.const 48)) ;; 0
      (then (return (call $answer (i32.const 0) (i32.const 0)))))
    (if (i32.eq (local.get $first) (i32.const 35)) ;; #
      (then
        (i32.store8 (i32.const 272) (i32.add (i32.const 48) (global.get $calls)))
        (return (call $answer (i32.const 272) (i32.const 1)))))
    (if (i32.eq (local.get $first) (i32.const 38)) ;; &
      (then (return (call $answer (i32.const 2048) (i32.const 0)))))
    (call $answer (local.get $ptr) (local.get $len))))
