"""How quick the system is: each module measures one part, beside a bare query in the same run."""
